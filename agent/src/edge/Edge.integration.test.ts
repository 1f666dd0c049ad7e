import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Asking, application, askPort, freePort, temporaryFolder } from "../../test/edge.ts"
import { startEdge } from "../../test/fleet.ts"

const { folder, remove } = temporaryFolder()
let port = 0
let edge: Awaited<ReturnType<typeof startEdge>>
let one: Awaited<ReturnType<typeof application>>
let two: Awaited<ReturnType<typeof application>>

const ask = (host: string, options: Asking = {}) => askPort(port, host, options)

/** Sends bytes as they are; gives what came back when the other side closes, and the seconds that took. */
const raw = (bytes: string) =>
  new Promise<{ text: string; seconds: number }>((resolve) => {
    const began = performance.now()
    let text = ""
    const socket = connect(port, "127.0.0.1")
    socket.on("data", (chunk) => {
      text += chunk
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve({ text, seconds: (performance.now() - began) / 1000 }))
    socket.write(bytes)
  })

const listener =
  (name: string): Parameters<typeof application>[0] =>
  (incoming, response) => {
    if (incoming.url === "/headers") return void response.end(JSON.stringify(incoming.headers))
    if (incoming.url === "/mark") response.setHeader("x-skypanel-edge", "waiting")
    response.end(name)
  }

beforeAll(async () => {
  port = await freePort()
  one = await application(listener("one"))
  two = await application(listener("two"))
  edge = await startEdge(folder, port)
})
afterAll(async () => {
  await edge.stop()
  await one.close()
  await two.close()
  remove()
})

describe("the proxy", () => {
  it("leads each host to its own application", async () => {
    await edge.route({ "a.localhost": one.port, "b.localhost": two.port })
    expect((await ask("a.localhost")).text).toBe("one")
    expect((await ask("b.localhost")).text).toBe("two")
    expect((await ask(`A.LocalHost.:${port}`)).text).toBe("one")
  })

  it("has a page for what does not answer", async () => {
    await edge.route({ "a.localhost": "stopped", "b.localhost": "waiting", "c.localhost": await freePort() })
    const accept = { accept: "text/html,*/*" }
    expect(await ask("nowhere.localhost")).toMatchObject({
      status: 404,
      headers: { "x-skypanel-edge": "unknown" },
    })
    const stopped = await ask("a.localhost", { headers: accept })
    expect(stopped).toMatchObject({ status: 503, headers: { "x-skypanel-edge": "stopped" } })
    expect(stopped.text).toContain("<h1>Stopped</h1>")
    const waiting = await ask("b.localhost")
    expect(waiting).toMatchObject({
      status: 503,
      headers: { "retry-after": "2", "content-type": "text/plain; charset=utf-8" },
    })
    const began = performance.now()
    expect(await ask("c.localhost")).toMatchObject({ status: 503, headers: { "x-skypanel-edge": "failed" } })
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it("writes the forwarding headers itself, and lets no application speak for it", async () => {
    await edge.route({ "a.localhost": one.port })
    const lies = { "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6", forwarded: "for=6.6.6.6" }
    const seen = JSON.parse((await ask("a.localhost", { path: "/headers", headers: lies })).text)
    expect(seen).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "a.localhost",
    })
    expect(JSON.stringify(seen)).not.toContain("6.6.6.6")
    expect((await ask("a.localhost", { path: "/mark" })).headers["x-skypanel-edge"]).toBeUndefined()
  })

  it.each([
    ["two hosts", "GET / HTTP/1.1\r\nHost: a.localhost\r\nHost: b.localhost\r\n\r\n", "400"],
    ["another host in the target", "GET http://b.localhost/ HTTP/1.1\r\nHost: a.localhost\r\n\r\n", "400"],
    ["no host", "GET / HTTP/1.0\r\n\r\n", "404"],
    ["a space in a header's name", "GET / HTTP/1.1\r\nHost: a.localhost\r\nA : b\r\n\r\n", "400"],
    [
      "headers beyond 16 KiB",
      `GET / HTTP/1.1\r\nHost: a.localhost\r\nA: ${"a".repeat(20_000)}\r\n\r\n`,
      "400",
    ],
  ])("answers %s itself", async (_, bytes, status) => {
    await edge.route({ "a.localhost": one.port, "b.localhost": two.port })
    expect((await raw(bytes)).text.split(" ")[1]).toBe(status)
  })

  it("closes a connection whose headers do not end within five seconds", async () => {
    const { seconds } = await raw("GET / HTTP/1.1\r\nHost: a.localhost\r\nA: ")
    expect(seconds).toBeGreaterThan(4)
    expect(seconds).toBeLessThan(6.5)
  })
})
