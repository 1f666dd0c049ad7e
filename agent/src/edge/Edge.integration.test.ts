import { readFileSync } from "node:fs"
import { Agent, type IncomingMessage, request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { application, freePort, startEdge, temporaryFolder } from "../../test/edge.ts"

const { folder, remove } = temporaryFolder()
let port = 0
let edge: Awaited<ReturnType<typeof startEdge>>
let one: Awaited<ReturnType<typeof application>>
let two: Awaited<ReturnType<typeof application>>

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly text: string
}

const ask = (
  host: string,
  options: { path?: string; agent?: Agent; headers?: Record<string, string> } = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const asking = request(
      {
        host: "127.0.0.1",
        port,
        path: options.path ?? "/",
        agent: options.agent ?? false,
        headers: { host, ...options.headers },
      },
      (response) => {
        let text = ""
        response.on("data", (chunk) => {
          text += chunk
        })
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
        response.on("error", reject)
      },
    )
    asking.on("error", reject)
    asking.end()
  })

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

  it("loses no request while traffic moves twenty times, and moves at once", async () => {
    const names = ["one", "two"] as const
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    /** The turn that is complete, and the one that has begun. */
    let [moved, moving] = [0, 0]
    let done = false
    let requests = 0
    const failures: Array<unknown> = []
    await edge.route({ "a.localhost": one.port })
    const load = async (kept: boolean) => {
      while (!done) {
        const [before, answer] = [moved, await ask("a.localhost", kept ? { agent } : {}).catch(String)]
        requests += 1
        const isRight = typeof answer === "object" && answer.status === 200
        // An answer is of the release that was live when the request began, or of one that came meanwhile.
        const isTimely = moving > before || (typeof answer === "object" && answer.text === names[before % 2])
        if (!isRight || !isTimely) failures.push(answer)
      }
    }
    const clients = [...Array(8).keys()].map((n) => load(n % 2 === 0))
    const took: Array<number> = []
    for (let turn = 1; turn <= 20; turn++) {
      const next = names[turn % 2]!
      const began = performance.now()
      moving = turn
      await edge.route({ "a.localhost": (next === "one" ? one : two).port })
      took.push(performance.now() - began)
      moved = turn
      expect((await ask("a.localhost")).text).toBe(next)
    }
    done = true
    await Promise.all(clients)
    agent.destroy()
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(200)
    expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(500)
  })

  it("is back soon after it was killed, with the routes it had", async () => {
    await edge.route({ "a.localhost": two.port })
    process.kill(Number(readFileSync(join(folder, "edge/haproxy.pid"), "utf8")), "SIGKILL")
    const killed = performance.now()
    while ((await ask("a.localhost").catch(() => null))?.text !== "two")
      if (performance.now() - killed > 5_000) throw new Error("it does not come back")
    expect(performance.now() - killed).toBeLessThan(3_000)
    await edge.route({ "a.localhost": one.port })
    expect((await ask("a.localhost")).text).toBe("one")
  })

  it("takes over from the one that an agent left behind, and no connection is refused meanwhile", async () => {
    const away = temporaryFolder()
    const [mine, myPort] = [port, await freePort()]
    const first = await startEdge(away.folder, myPort, false)
    port = myPort
    try {
      await first.route({ "a.localhost": one.port })
      await first.stop()
      expect((await ask("a.localhost")).text).toBe("one")
      const failures: Array<unknown> = []
      let done = false
      const load = (async () => {
        while (!done) {
          const answer = await ask("a.localhost").catch(String)
          if (typeof answer === "string" || answer.status !== 200) failures.push(answer)
        }
      })()
      const second = await startEdge(away.folder, myPort, true)
      await second.route({ "a.localhost": two.port })
      expect((await ask("a.localhost")).text).toBe("two")
      done = true
      await load
      await second.stop()
      expect(failures).toEqual([])
      await expect(ask("a.localhost")).rejects.toThrow("ECONNREFUSED")
    } finally {
      port = mine
      away.remove()
    }
  })
})
