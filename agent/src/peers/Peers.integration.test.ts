import { randomBytes } from "node:crypto"
import { createServer } from "node:http"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { until, watch } from "../../test/containers.ts"
import { application, askPort, freePort, temporaryFolder, workerId } from "../../test/edge.ts"
import { type EdgeOptions, startEdge, type TestEdge } from "../../test/fleet.ts"

const host = "a.localhost"
const secret = randomBytes(24).toString("base64url")
const ends: Array<() => unknown> = []

const edgeOf = async (worker: number, options: EdgeOptions = {}, port?: number) => {
  const { folder, remove } = temporaryFolder()
  const edge = await startEdge(folder, port ?? (await freePort()), { worker, ...options })
  ends.push(() => edge.stop().then(remove))
  return edge
}
const meet = (edge: TestEdge, peer: number, port: number) => edge.meet({ [peer]: port }, secret)

/** Something that answers where the proxy of a peer was, and counts what it is asked. */
const standIn = async (port: number) => {
  const asked: Array<string | undefined> = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  return {
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}

/** How often it was asked for more than whether it is there. */
const visits = (asked: ReadonlyArray<string | undefined>) =>
  asked.filter((path) => path !== "/.skypanel/peer").length

let ingress: TestEdge
let other: TestEdge
beforeEach(async () => {
  ingress = await edgeOf(0, { roles: ["ingress"] })
  other = await edgeOf(1)
  await meet(ingress, 1, other.port)
  await meet(other, 0, ingress.port)
})
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})

const isAway = (edge: TestEdge, n: number) => edge.unreachable().includes(workerId(n)) || undefined
const isThere = (edge: TestEdge) => edge.unreachable().length === 0 || undefined

describe("an ingress worker", () => {
  it("takes a peer that does not answer out of its routes, and back when it answers again", async () => {
    const app = await application((_, response) => void response.end("here"))
    ends.push(app.close)
    await other.route({ [host]: { here: [app.port] } })
    await ingress.route({ [host]: { here: [app.port], peers: [1, 1, 1] } })
    const { port } = other
    await other.stop()
    const stopped = performance.now()
    const away = await standIn(port)
    await until("the peer to be missed", () => isAway(ingress, 1))
    expect(performance.now() - stopped).toBeLessThan(6_000)
    // Its routes follow within moments.
    let before = -1
    while (before !== visits(away.asked)) {
      before = visits(away.asked)
      for (let n = 0; n < 20; n++) await askPort(ingress.port, host)
    }
    for (let n = 0; n < 50; n++) expect((await askPort(ingress.port, host)).text).toBe("here")
    expect(visits(away.asked)).toBe(before)
    await away.close()
    other = await edgeOf(1, {}, port)
    await meet(other, 0, ingress.port)
    await until("the peer to be back", () => isThere(ingress))
  })

  it("does not take another worker at the peer's address for it", async () => {
    await meet(ingress, 2, other.port)
    await until("worker 2 to be missed", () => isAway(ingress, 2))
  })

  it("hears from its peers whether they hear the platform", async () => {
    await until("the first answer", () => (ingress.sayLost() === 0 && isThere(ingress) ? true : undefined))
    other.losePlatform(true)
    await until("the peer to say so", () => ingress.sayLost() === 1 || undefined)
    other.losePlatform(false)
    await until("the peer to take it back", () => ingress.sayLost() === 0 || undefined)
    other.losePlatform(true)
    await until("the peer to say so again", () => ingress.sayLost() === 1 || undefined)
    await other.stop()
    await until("its word to be worth nothing", () => ingress.sayLost() === 0 || undefined)
  })
})

describe("a worker without that role", () => {
  it("asks its peers only while it holds something on a lease", async () => {
    const port = await freePort()
    const nobody = await standIn(port)
    ends.push(nobody.close)
    await meet(other, 2, port)
    await other.place([{ ...watch(1, 3000, null), leaseSeconds: 60 }])
    await until("its peer to be missed", () => isAway(other, 2))
    expect(nobody.asked.length).toBeGreaterThan(0)
    await other.place([watch(1, 3000, null)])
    expect(other.unreachable()).toEqual([])
  })
})
