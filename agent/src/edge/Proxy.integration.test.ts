import { existsSync, readFileSync, statSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { type Answer, application, askHost, askPort, freePort, temporaryFolder } from "../../test/edge.ts"
import { type Leads, startBareProxy } from "../../test/proxy.ts"
import { command } from "./AdminSocket.ts"
import { files } from "./files.ts"
import { instanceSetOf } from "./instanceSet.ts"
import { installConfig, prepareFolder } from "./Proxy.ts"

const { folder, remove } = temporaryFolder()
const host = "a.localhost"
let port = 0
let app: Awaited<ReturnType<typeof application>>
let proxy: Awaited<ReturnType<typeof startBareProxy>>
const lead = (leads: Leads) => proxy.lead(leads)

/** A connection that was sent these bytes; tells when it was closed, in seconds. */
const open = (bytes: string) =>
  new Promise<{ socket: Socket; closed: Promise<number>; received: () => string }>((resolve) => {
    let received = ""
    const socket = connect(port, "127.0.0.1").on("error", () => undefined)
    socket.once("connect", () => {
      const began = performance.now()
      socket.on("data", (chunk) => {
        received += chunk
      })
      const closed = new Promise<number>((done) =>
        socket.on("close", () => done((performance.now() - began) / 1000)),
      )
      socket.write(bytes)
      resolve({ socket, closed, received: () => received })
    })
  })

beforeAll(async () => {
  port = await freePort()
  app = await application((request, response) => {
    if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" })
      response.write("data: first\n\n")
      setTimeout(() => response.end("data: second\n\n"), 12_000)
      return
    }
    if (request.url === "/held") return
    if (request.url === "/slow") return void setTimeout(() => response.end("slow"), 12_000)
    request.resume()
    response.end("ok")
  })
  proxy = await startBareProxy(folder, {
    port,
    unlimitedSources: [],
    sourceConnections: 20,
    sourceRate: 10_000,
    hostRequests: 5,
  })
  await proxy.lead({ [host]: app.port })
})
afterAll(async () => {
  await proxy.stop()
  await app.close()
  remove()
})

describe("the proxy's configuration", () => {
  it("stays the last good one when a new one is refused", async () => {
    const before = readFileSync(join(folder, files.config), "utf8")
    const refused = await Effect.runPromise(
      Effect.flip(installConfig(folder, "frontend x\n  bind nowhere\n")),
    )
    expect(refused.reason).toContain("bind")
    expect(readFileSync(join(folder, files.config), "utf8")).toBe(before)
    expect(await askHost(port, host, "/")).toBe("ok")
  })

  it("is refused for a folder whose socket's name would be too long", async () => {
    const deep = join(folder, "x".repeat(100))
    expect((await Effect.runPromise(Effect.flip(prepareFolder(deep)))).reason).toContain("too long")
    expect(existsSync(deep)).toBe(false)
  })
})

describe("the maps", () => {
  it("are replaced as a whole when much of them changes, and entry by entry when little does", async () => {
    const many = Object.fromEntries(
      Array.from(
        { length: 20_000 },
        (_, n) => [`n${n}.localhost`, n % 2 === 0 ? "waiting" : app.port] as const,
      ),
    )
    await lead({ ...many, [host]: app.port })
    expect(await askHost(port, "n19998.localhost", "/")).toBe("503")
    expect(await askHost(port, "n19999.localhost", "/")).toBe("ok")
    await lead({ ...many, [host]: app.port, "n19998.localhost": app.port, "n19999.localhost": "waiting" })
    expect(await askHost(port, "n19998.localhost", "/")).toBe("ok")
    expect(await askHost(port, "n19999.localhost", "/")).toBe("503")
    expect(await askHost(port, "n19997.localhost", "/")).toBe("ok")
    await lead({ [host]: app.port })
    expect(await askHost(port, "n19998.localhost", "/")).toBe("404")
    expect(await askHost(port, host, "/")).toBe("ok")
    await lead({})
    expect(await askHost(port, host, "/")).toBe("404")
    await lead({ [host]: app.port })
  })

  it("are on disk as they are in the proxy", async () => {
    const text = readFileSync(join(folder, files.routes), "utf8")
    expect(text).toBe(`${host} ${instanceSetOf([{ address: "127.0.0.1", port: app.port }], []).name}\n`)
    expect(statSync(join(folder, files.peers)).mode & 0o077).toBe(0)
  })
})

/** Between two looks, so that looking is not itself the load that is limited. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 50))

describe("connections", () => {
  it("are limited for each source, and taken again when others have ended", async () => {
    const answerIs = async (what: string, is: (answer: string) => boolean) => {
      const deadline = performance.now() + 10_000
      for (;;) {
        const answer = await askHost(port, host, "/").catch(() => "refused")
        if (is(answer)) return
        if (performance.now() > deadline) throw new Error(`not ${what}: ${answer}`)
        await pause()
      }
    }
    const held = Array.from({ length: 20 }, () => connect(port, "127.0.0.1").on("error", () => undefined))
    try {
      for (const socket of held) socket.write("GET / HTTP/1.1\r\n")
      await answerIs("limited", (answer) => answer === "refused")
    } finally {
      for (const socket of held) socket.destroy()
    }
    await answerIs("taken again", (answer) => answer === "ok")
    // The next test begins when the proxy has noticed the end of all of them.
    const counted = () => Effect.runPromise(command(join(folder, files.socket), "show table sources"))
    const deadline = performance.now() + 10_000
    while (!(await counted()).includes("conn_cur=0"))
      if (performance.now() > deadline) throw new Error(`still counted: ${await counted()}`)
  })

  it("of one service leave room for the others", async () => {
    const other = "b.localhost"
    await lead({ [host]: app.port, [other]: app.port })
    const held = await Promise.all(
      Array.from({ length: 5 }, () => open(`GET /held HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
    )
    const until = async (what: string, is: (answer: Answer) => boolean) => {
      const deadline = performance.now() + 10_000
      while (!is(await askPort(port, host))) {
        if (performance.now() > deadline) throw new Error(`waited for ${what}`)
        await pause()
      }
    }
    await until("its limit", ({ headers }) => headers["x-skypanel-edge"] === "busy")
    expect(await askHost(port, other, "/")).toBe("ok")
    for (const { socket } of held) socket.destroy()
    // Whoever asked is gone: the application is not kept at it, and the next one has the place.
    await until("an answer again", ({ status }) => status === 200)
  })

  it("carry WebSockets, also when traffic has moved on", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" })
    server.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${data}`)))
    await new Promise((resolve) => server.once("listening", resolve))
    const own = (server.address() as { port: number }).port
    await lead({ [host]: own })
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } })
    await new Promise((resolve, reject) => client.on("open", resolve).on("error", reject))
    await lead({ [host]: app.port })
    const answer = new Promise((resolve) => client.once("message", (data) => resolve(String(data))))
    client.send("still here")
    expect(await answer).toBe("echo still here")
    client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })

  it("end when a body pauses for ten seconds, and not while an application takes its time", async () => {
    const request = (line: string, more = "") => `${line} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`
    const [body, slow, events] = await Promise.all([
      open(request("POST /upload", "Content-Length: 100\r\n")),
      open(request("GET /slow", "Connection: close\r\n")),
      open(request("GET /events", "Accept: text/event-stream\r\nConnection: close\r\n")),
    ])
    const [paused] = await Promise.all([body.closed, slow.closed, events.closed])
    expect(paused).toBeGreaterThan(9)
    expect(paused).toBeLessThan(11.9)
    expect(slow.received()).toContain("slow")
    expect(events.received()).toContain("data: second")
  }, 30_000)
})
