import type { Route } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { deploymentId, placementId, serviceId, workerId } from "../../test/edge.ts"
import type { Backend } from "../observer/observation.ts"
import type { Address } from "./peerAddress.ts"
import { routingOf, usablePeers } from "./routing.ts"

const route = (host: string, to: number | null, peers: ReadonlyArray<number> = []): Route => ({
  host,
  serviceId: serviceId(0),
  deploymentId: to === null ? null : deploymentId(to),
  peers: peers.map(workerId),
})
const backend = (to: number, address: string, port = 3000): Backend => ({
  deploymentId: deploymentId(to),
  placementId: placementId(0),
  address,
  port,
  startedAt: "2026-01-01T00:00:00.000Z",
})
const nobody: ReadonlyMap<WorkerId, Address> = new Map()
const peer = (n: number): Address => ({ address: `192.0.2.${n}`, port: 80 })
const peers = new Map([1, 2, 3].map((n) => [workerId(n), peer(n)]))

/** What each host leads to: the instances of its set, or why there are none. */
const leads = (routing: ReturnType<typeof routingOf>) =>
  Object.fromEntries(
    Array.from(routing.hosts, ([host, to]) => [host, routing.sets.get(to)?.instances.join(" ") ?? to]),
  )

describe("routingOf", () => {
  it("leads a host to every healthy container of its deployment", () => {
    const backends = [backend(1, "10.0.0.2"), backend(1, "10.0.0.3"), backend(2, "10.0.0.4")]
    expect(leads(routingOf([route("b.localhost", 2), route("A.localhost", 1)], backends, nobody))).toEqual({
      "a.localhost": "container/10.0.0.2/3000/1 container/10.0.0.3/3000/0",
      "b.localhost": "container/10.0.0.4/3000/0",
    })
  })

  it("leads to those of other workers too, of which it knows where they are", () => {
    const routing = routingOf([route("a", 1, [2, 1, 2, 9])], [backend(1, "10.0.0.2")], peers)
    expect(leads(routing)).toEqual({
      a: "container/10.0.0.2/3000/1 peer/192.0.2.1/80/2 peer/192.0.2.2/80/0 peer/192.0.2.2/80/0",
    })
    expect(leads(routingOf([route("a", 1, [9])], [], peers))).toEqual({ a: "waiting" })
  })

  it("leads to one that cannot be reached only where there is nothing else", () => {
    const to = (from: ReadonlyArray<number>, backends: ReadonlyArray<Backend> = []) =>
      leads(routingOf([route("a", 1, from)], backends, peers, new Map(), [workerId(1), workerId(2)])).a
    expect(to([1, 3])).toBe("peer/192.0.2.3/80/0")
    expect(to([1], [backend(1, "10.0.0.2")])).toBe("container/10.0.0.2/3000/0")
    expect(to([1, 2])).toBe("peer/192.0.2.1/80/1 peer/192.0.2.2/80/0")
    expect(to([])).toBe("waiting")
  })

  it("leads to where it led before only where nothing is here, visitors only where nothing is anywhere", () => {
    const led = new Map([["a", [backend(7, "10.0.0.7")]]])
    const set = (...asked: Parameters<typeof routingOf>) =>
      Array.from(routingOf(...asked).sets.values(), ({ name, instances }) => [
        name.replace(/^[^:]*/, ""),
        ...instances,
      ])[0]
    expect(set([route("a", 1, [1])], [], peers, led)).toEqual([
      ":1:1:1",
      "peer/192.0.2.1/80/0",
      "container/10.0.0.7/3000/1",
    ])
    expect(set([route("a", 1)], [], nobody, led)).toEqual([":1:1", "container/10.0.0.7/3000/0"])
    expect(set([route("a", 1)], [backend(1, "10.0.0.2")], nobody, led)).toEqual([
      ":1:1",
      "container/10.0.0.2/3000/0",
    ])
    expect(leads(routingOf([route("a", null)], [], peers, led))).toEqual({ a: "stopped" })
  })

  it("tells a stopped service from one that has no healthy container", () => {
    const routing = routingOf([route("a.localhost", null, [1]), route("b.localhost", 9)], [], peers)
    expect(leads(routing)).toEqual({ "a.localhost": "stopped", "b.localhost": "waiting" })
    expect(routing.sets.size).toBe(0)
  })

  it.each([
    "",
    " ",
    "a b",
    "a\nb.localhost 10.0.0.1:1",
    "a;show info",
    "a\r",
    "a\u0000b",
    "#a",
    "-a.localhost",
    "a-.localhost",
    "a..b",
    ".a",
    "a.",
    "ä.localhost",
    "<<",
    "@1",
    "a/b",
    "a:80",
    "*",
    "[::1]",
    `${"a".repeat(64)}.localhost`,
    Array(60).fill("abcde").join("."),
  ])("refuses %j and goes on with the others", (host) => {
    const routing = routingOf(
      [route(host, 1), route("good.localhost", null)],
      [backend(1, "10.0.0.1")],
      nobody,
    )
    expect(routing.refused).toEqual([host])
    expect(leads(routing)).toEqual({ "good.localhost": "stopped" })
  })

  it.each([
    ["10.0.0.1:1;", 80],
    ["::1", 80],
    ["10.0.0.256", 80],
    ["10.0.0.1", 0],
    ["10.0.0.1", 65536],
    ["10.0.0.1", 1.5],
  ])("never leads to %s:%d", (address, port) => {
    expect(leads(routingOf([route("a", 1)], [backend(1, address, port)], nobody))).toEqual({ a: "waiting" })
  })

  it("gives nothing but well-formed entries, whatever the names", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.domain())), (hosts) => {
        const routing = routingOf(
          hosts.map((host) => route(host, 1, [1])),
          [backend(1, "10.0.0.1")],
          peers,
        )
        for (const [host, to] of routing.hosts) {
          expect(host).toMatch(/^[a-z0-9.-]+$/)
          expect(to).toMatch(/^[A-Za-z0-9_-]{16}:2:1$/)
        }
      }),
    )
  })

  it("has every set that a host leads to, with as many instances as its name says", () => {
    const deployments = fc.integer({ min: 0, max: 3 })
    const worlds = fc.record({
      routes: fc.uniqueArray(
        fc.record({
          host: fc.stringMatching(/^[a-z]{1,3}$/),
          to: fc.option(deployments),
          peers: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 80 }),
        }),
        { selector: ({ host }) => host },
      ),
      backends: fc.array(fc.tuple(deployments, fc.integer({ min: 1, max: 200 })), { maxLength: 80 }),
    })
    fc.assert(
      fc.property(worlds, (world) => {
        const backends = world.backends.map(([to, n]) => backend(to, `10.0.0.${n}`))
        const routing = routingOf(
          world.routes.map(({ host, to, peers }) => route(host, to, peers)),
          backends,
          peers,
        )
        expect(routing.hosts.size).toBe(world.routes.length)
        for (const { host, to, peers: at } of world.routes) {
          const here = new Set(world.backends.filter(([of]) => of === to).map(([, n]) => n)).size
          const elsewhere = at.filter((n) => n <= 3).length
          const name = routing.hosts.get(host)!
          if (to === null) expect(name).toBe("stopped")
          else if (here + elsewhere === 0) expect(name).toBe("waiting")
          else {
            const [, count, local] = name.split(":").map(Number)
            expect(count).toBe(Math.min(here + elsewhere, 64))
            expect(local).toBe(Math.min(here, 64))
            expect(routing.sets.get(name)!.instances).toHaveLength(count!)
          }
        }
      }),
    )
  })
})

describe("usablePeers", () => {
  it("leaves out what is no address", () => {
    const all = [
      { workerId: workerId(1), address: "192.0.2.1:80" },
      { workerId: workerId(3), address: "worker.example.com:80" },
    ]
    expect(usablePeers(all)).toEqual({
      usable: new Map([[workerId(1), peer(1)]]),
      unusable: ["worker.example.com:80"],
    })
  })
})
