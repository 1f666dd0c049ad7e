import { createHash, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { type Asking, application, askPort, freePort, temporaryFolder } from "../../test/edge.ts"
import { startEdge, type TestEdge } from "../../test/fleet.ts"
import { startLoad } from "../../test/load.ts"

const host = "a.localhost"
const secret = randomBytes(24).toString("base64url")
const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
/** The first takes visitors' requests; the others run instances. */
let edges: ReadonlyArray<TestEdge> = []
let apps: ReadonlyArray<Awaited<ReturnType<typeof named>>> = []

/** Answers with its name; `/headers` with what it was sent. */
const named = (name: string) =>
  application((incoming, response) => {
    if (incoming.url === "/headers") return void response.end(JSON.stringify(incoming.headers))
    const hash = createHash("sha256")
    incoming.on("data", (chunk) => hash.update(chunk))
    incoming.on("end", () => response.end(incoming.url === "/hash" ? hash.digest("hex") : name))
  })

const ask = (options: Asking = {}) => askPort(edges[0]!.port, host, options)
const meetAll = (by = secret) =>
  Promise.all(
    edges.map((edge, n) =>
      edge.meet(Object.fromEntries(edges.flatMap(({ port }, m) => (m === n ? [] : [[m, port]]))), by),
    ),
  )
const here = (n: number) => [apps[n]!.port]

beforeAll(async () => {
  apps = await Promise.all(["zero", "one", "two"].map(named))
  edges = await Promise.all(
    folders.map(async ({ folder }, n) => startEdge(folder, await freePort(), { worker: n })),
  )
  await meetAll()
})
beforeEach(async () => {
  await edges[0]!.route({ [host]: { peers: [1, 2] } })
  await edges[1]!.route({ [host]: { here: here(1), peers: [2] } })
  await edges[2]!.route({ [host]: { here: here(2), peers: [1] } })
})
afterAll(async () => {
  await Promise.all(edges.map((edge) => edge.stop()))
  await Promise.all(apps.map((app) => app.close()))
  for (const { remove } of folders) remove()
})

describe("proxies of workers", () => {
  it("spread requests over the instances of all, each alike", async () => {
    await edges[0]!.route({ [host]: { here: here(0), peers: [1, 2, 2] } })
    const counts = new Map<string, number>()
    for (let n = 0; n < 800; n++) {
      const { text } = await ask()
      counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    expect(Math.abs((counts.get("zero") ?? 0) - 200)).toBeLessThan(75)
    expect(Math.abs((counts.get("one") ?? 0) - 200)).toBeLessThan(75)
    expect(Math.abs((counts.get("two") ?? 0) - 400)).toBeLessThan(85)
  })

  it("tell an instance of the visitor, and nothing of themselves", async () => {
    const lies = {
      "x-forwarded-for": "6.6.6.6",
      "x-skypanel-peer": "x".repeat(32),
      "x-skypanel-hops": "3",
    }
    const seen = (await ask({ path: "/headers", headers: lies })).text
    expect(JSON.parse(seen)).toMatchObject({
      host,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": host,
      "x-forwarded-proto": "http",
    })
    for (const word of ["6.6.6.6", "skypanel", secret]) expect(seen).not.toContain(word)
  })

  it("tell nothing of themselves to a container that stands in for a peer", async () => {
    await edges[0]!.route({ [host]: { here: here(0), peers: [1] } })
    await edges[1]!.route({ [host]: "waiting" })
    for (let n = 0; n < 20; n++) {
      const seen = (await ask({ path: "/headers" })).text
      expect(JSON.parse(seen)).toMatchObject({ host, "x-forwarded-for": "127.0.0.1" })
      expect(seen).not.toContain("skypanel")
    }
  })

  it("believe a visitor nothing, and a peer what it says of its visitor", async () => {
    const claims = { "x-forwarded-for": "192.0.2.1" }
    const asked = async (headers: Record<string, string>) =>
      JSON.parse((await askPort(edges[1]!.port, host, { path: "/headers", headers })).text)
    await edges[1]!.route({ [host]: { here: here(1) } })
    expect((await asked({ ...claims, "x-skypanel-peer": secret }))["x-forwarded-for"]).toBe("192.0.2.1")
    for (const wrong of ["", "send", "platform", "worker", `${secret}x`, `known/${secret}`, secret.slice(1)])
      expect((await asked({ ...claims, "x-skypanel-peer": wrong }))["x-forwarded-for"]).toBe("127.0.0.1")
  })

  it.each([
    ["a GET", {}],
    ["a POST that is too long to be sent twice", { method: "POST", body: Buffer.alloc(20_000) }],
  ])("lead a peer that has not heard of a move to the instance that is leaving: %s", async (_, asking) => {
    await edges[0]!.route({ [host]: { peers: [1] } })
    await edges[1]!.route({ [host]: { here: here(1) } })
    await edges[1]!.moveAway({ [host]: { peers: [2] } })
    for (let n = 0; n < 10; n++) expect(await ask(asking)).toMatchObject({ status: 200, text: "one" })
    // Visitors of that worker itself are led to the new one.
    expect((await askPort(edges[1]!.port, host)).text).toBe("two")
    await edges[1]!.moveAway({ [host]: "waiting" })
    expect(await ask(asking)).toMatchObject({ status: 200, text: "one" })
    // With nothing else anywhere, they are as well.
    expect(await askPort(edges[1]!.port, host)).toMatchObject({ status: 200, text: "one" })
    // When it has ended there is nothing to lead to. HAProxy 2.6 logs "SD" and says nothing where a peer refuses before it
    // has read all of a body that is longer than a buffer: now and then, that is what the visitor of such a one sees.
    await edges[1]!.route({ [host]: { peers: [2] } })
    expect((await ask()).status).toBe(503)
    const last = await ask(asking).then(({ status }) => status, String)
    expect([503, "Error: socket hang up"]).toContain(last)
  })

  it("do not send a peer's request on to a third", async () => {
    await edges[1]!.route({ [host]: { peers: [2] } })
    const direct = { headers: { "x-skypanel-peer": secret } }
    expect(await askPort(edges[1]!.port, host, direct)).toMatchObject({
      status: 425,
      headers: { "x-skypanel-edge": "elsewhere" },
    })
    expect((await askPort(edges[1]!.port, host)).text).toBe("two")
  })

  it.each([
    ["a GET", {}],
    ["a POST", { method: "POST", body: "x".repeat(5_000) }],
    ["a POST whose body comes later", { method: "POST", body: "x".repeat(5_000), bodyAfterMs: 30 }],
  ])("try another worker when the one that was asked has no instance: %s", async (_, asking) => {
    const nothing = [
      { [host]: "waiting" as const },
      {},
      { [host]: "stopped" as const },
      { [host]: await freePort() },
    ]
    for (const there of nothing) {
      await edges[1]!.route(there)
      for (let n = 0; n < 10; n++) expect(await ask(asking)).toMatchObject({ status: 200, text: "two" })
    }
    await edges[2]!.route({ [host]: "waiting" })
    expect(await ask(asking)).toMatchObject({ status: 503, headers: { "x-skypanel-edge": "failed" } })
  })

  it("try another worker when the instance that was asked takes a GET and does not answer", async () => {
    const drops = await application((incoming) => void incoming.socket.destroy())
    await edges[1]!.route({ [host]: { here: [drops.port] } })
    for (let n = 0; n < 20; n++) expect((await ask()).text).toBe("two")
    await edges[0]!.route({ [host]: { peers: [1] } })
    expect(await ask({ method: "POST", body: "once" })).toMatchObject({ status: 502 })
    await drops.close()
  })

  it("answer with a page when what a peer did not take is too long to be sent twice", async () => {
    await edges[1]!.route({ [host]: "waiting" })
    await edges[0]!.route({ [host]: { peers: [1] } })
    const failed = { status: 503, headers: { "x-skypanel-edge": "failed" } }
    expect(await ask({ method: "POST", body: Buffer.alloc(12_001) })).toMatchObject(failed)
  })

  it("pass an application's own 425 on, and ask it once", async () => {
    let taken = 0
    const early = await application((_, response) => {
      taken += 1
      response.writeHead(425, { "x-skypanel-status": "404", "x-skypanel-edge": "elsewhere" }).end("early")
    })
    await edges[0]!.route({ [host]: { peers: [1] } })
    await edges[1]!.route({ [host]: { here: [early.port] } })
    for (const method of ["GET", "POST"]) {
      const answer = await ask({ method })
      expect(answer).toMatchObject({ status: 425, text: "early" })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("x-skypanel"))).toEqual([])
    }
    expect(taken).toBe(2)
    await early.close()
  })

  it("carry large bodies, both ways, and keep connections", async () => {
    const body = randomBytes(20 * 2 ** 20)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; n < 3; n++)
      expect((await ask({ method: "POST", path: "/hash", body, agent })).text).toBe(
        createHash("sha256").update(body).digest("hex"),
      )
    agent.destroy()
  })

  it("answer the check only to who knows the secret", async () => {
    const check = (headers: Record<string, string>) =>
      askPort(edges[1]!.port, "_peer", { path: "/.skypanel/peer", headers })
    const answered = await check({ "x-skypanel-peer": secret })
    expect(answered.headers).toMatchObject({
      "x-skypanel-worker": `wrk_${"0".repeat(23)}1`,
      "x-skypanel-platform": "heard",
    })
    for (const headers of [{}, { "x-skypanel-peer": "platform" }]) {
      const refused = await check(headers as Record<string, string>)
      expect(refused.status).toBe(404)
      expect(refused.headers["x-skypanel-worker"]).toBeUndefined()
    }
    // The same path of a service is the service's.
    expect((await ask({ path: "/.skypanel/peer" })).text).toMatch(/one|two/)
  })

  it("change the secret one after the other, and no request fails", async () => {
    const load = startLoad(edges[0]!.port, host, ({ status }) => status === 200)
    for (let round = 0; round < 3; round++) {
      const next = randomBytes(24).toString("base64url")
      for (const edge of edges) {
        const ports = Object.fromEntries(
          edges.flatMap(({ port }, m) => (edges[m] === edge ? [] : [[m, port]])),
        )
        await edge.meet(ports, next)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    expect(await load.stop()).toEqual([])
    expect(load.requests()).toBeGreaterThan(500)
    await meetAll()
  })

  it("carry WebSockets", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" })
    server.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${data}`)))
    await new Promise((resolve) => server.once("listening", resolve))
    await edges[1]!.route({ [host]: { here: [(server.address() as { port: number }).port] } })
    await edges[0]!.route({ [host]: { peers: [1] } })
    const client = new WebSocket(`ws://127.0.0.1:${edges[0]!.port}/`, { headers: { host } })
    await new Promise((resolve, reject) => client.on("open", resolve).on("error", reject))
    const answer = new Promise((resolve) => client.once("message", (data) => resolve(String(data))))
    client.send("hello")
    expect(await answer).toBe("echo hello")
    client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })

  it("carry each event of a stream as it comes", async () => {
    const sent: Array<ServerResponse> = []
    const app = await application((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n")
      sent.push(response)
    })
    await edges[1]!.route({ [host]: { here: [app.port] } })
    await edges[0]!.route({ [host]: { peers: [1] } })
    const headers = { host, accept: "text/event-stream" }
    const received = await new Promise<IncomingMessage>((resolve, reject) =>
      request({ port: edges[0]!.port, headers }, resolve).on("error", reject).end(),
    )
    const event = () => new Promise((resolve) => received.once("data", (data) => resolve(String(data))))
    expect(await event()).toBe("data: 1\n\n")
    sent[0]!.end("data: 2\n\n")
    expect(await event()).toBe("data: 2\n\n")
    await app.close()
  })

  it("end a request that goes round, where they do not agree on the secret", async () => {
    const own = [temporaryFolder(), temporaryFolder()]
    const pair = await Promise.all(
      own.map(async ({ folder }, n) => startEdge(folder, await freePort(), { worker: n })),
    )
    for (const [n, edge] of pair.entries()) {
      await edge.meet({ [1 - n]: pair[1 - n]!.port }, `not-the-same-secret-${n}`)
      await edge.route({ [host]: { peers: [1 - n] } })
    }
    expect(await askPort(pair[0]!.port, host)).toMatchObject({
      status: 503,
      headers: { "x-skypanel-edge": "failed" },
    })
    await Promise.all(pair.map((edge) => edge.stop()))
    for (const { remove } of own) remove()
  })

  it("lose no request when a peer's proxy is killed", async () => {
    await edges[0]!.route({ [host]: { peers: [1, 2] } })
    const load = startLoad(edges[0]!.port, host, ({ status }) => status === 200)
    for (let n = 0; n < 3; n++) {
      process.kill(Number(readFileSync(join(folders[1]!.folder, "edge/haproxy.pid"), "utf8")), "SIGKILL")
      const killed = performance.now()
      while ((await askPort(edges[1]!.port, host).catch(() => null))?.text !== "one")
        if (performance.now() - killed > 5_000) throw new Error("it does not come back")
    }
    expect(await load.stop()).toEqual([])
    expect(load.requests()).toBeGreaterThan(500)
  })
})
