import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { application, askHost, askPort, freePort, temporaryFolder } from "../../test/edge.ts"
import { startBareProxy } from "../../test/proxy.ts"

const { folder, remove } = temporaryFolder()
const host = "a.localhost"
const secret = "the-secret-of-this-fleet"
const limit = 10
const held = new Set<() => void>()
let port = 0
let app: Awaited<ReturnType<typeof application>>
let proxy: Awaited<ReturnType<typeof startBareProxy>>

const asPeer = { headers: { "x-skypanel-peer": secret } }

/** A request that the application does not answer until it is released. */
const hold = (headers: Record<string, string> = {}) =>
  askPort(port, host, { path: "/held", headers }).then(
    ({ status }) => status,
    () => "refused" as const,
  )

const until = async (what: string, is: () => boolean | Promise<boolean>) => {
  const deadline = performance.now() + 10_000
  while (!(await is())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const release = () => {
  for (const answer of held) answer()
  held.clear()
}

beforeAll(async () => {
  port = await freePort()
  app = await application((request, response) => {
    if (request.url === "/held") held.add(() => response.end("held"))
    else response.end("ok")
  })
  proxy = await startBareProxy(folder, {
    ...{ port, unlimitedSources: [], sourceConnections: limit, sourceRate: 10_000, connections: 200 },
  })
  await proxy.lead({ [host]: app.port })
  await proxy.accept(secret)
})
afterAll(async () => {
  release()
  await proxy.stop()
  await app.close()
  remove()
})

describe("the limits of a source", () => {
  it("are those of visitors while no peer's secret has come from there", async () => {
    const requests = Array.from({ length: 2 * limit }, () => hold())
    await until("as many as may be", () => held.size === limit)
    await until(
      "the others to be refused",
      async () => (await Promise.race([...requests, "none"])) === "refused",
    )
    release()
    const ends = await Promise.all(requests)
    expect(ends.filter((end) => end === 200)).toHaveLength(limit)
  })

  it("do not count a peer's requests", async () => {
    expect((await askPort(port, host, asPeer)).text).toBe("ok")
    const requests = Array.from({ length: 5 * limit }, () => hold(asPeer.headers))
    await until("all of them", () => held.size === 5 * limit)
    release()
    expect(new Set(await Promise.all(requests))).toEqual(new Set([200]))
  })

  it("are in force for visitors behind a peer's address, by their requests", async () => {
    const peers = Array.from({ length: 2 * limit }, () => hold(asPeer.headers))
    await until("the peer's", () => held.size === 2 * limit)
    const visitors = Array.from({ length: 3 * limit }, () => hold())
    await until("as many as may be", () => held.size === 3 * limit)
    expect(await askHost(port, host, "/").catch(() => "refused")).toBe("refused")
    expect((await askPort(port, host, asPeer)).text).toBe("ok")
    release()
    expect(new Set(await Promise.all(peers))).toEqual(new Set([200]))
    expect((await Promise.all(visitors)).filter((end) => end === 200)).toHaveLength(limit)
  })

  it("leave half of all connections to others, whoever is behind a peer's address", async () => {
    const sockets = Array.from({ length: 120 }, () => connect(port, "127.0.0.1").on("error", () => undefined))
    let closed = 0
    for (const socket of sockets)
      socket
        .on("close", () => {
          closed += 1
        })
        .write("GET / HTTP/1.1\r\n")
    await until("those that are too many to be refused", () => closed >= 20)
    expect(closed).toBeLessThan(30)
    for (const socket of sockets) socket.destroy()
  })
})
