import type { Route } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Backend } from "../observer/observation.ts"
import { mapText, routingOf } from "./routing.ts"

const serviceId = `svc_${"0".repeat(24)}` as ServiceId
const deployment = (n: number) => `dep_${String(n).padStart(24, "0")}` as DeploymentId
const route = (host: string, to: number | null): Route => ({
  host,
  serviceId,
  deploymentId: to === null ? null : deployment(to),
  peers: [],
})
const backend = (to: number, address: string, port = 3000): Backend => ({
  deploymentId: deployment(to),
  placementId: `plc_${"0".repeat(24)}` as PlacementId,
  address,
  port,
  startedAt: "2026-01-01T00:00:00.000Z",
})

describe("routingOf", () => {
  it("leads a host to the newest healthy container of its deployment", () => {
    const backends = [backend(1, "10.0.0.2"), backend(1, "10.0.0.3"), backend(2, "10.0.0.4")]
    const text = mapText(routingOf([route("b.localhost", 2), route("a.localhost", 1)], backends))
    expect(text).toBe("a.localhost 10.0.0.2:3000\nb.localhost 10.0.0.4:3000\n")
  })

  it("tells a stopped service from one that has no healthy container", () => {
    const text = mapText(routingOf([route("a.localhost", null), route("b.localhost", 9)], []))
    expect(text).toBe("a.localhost stopped\nb.localhost waiting\n")
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
    const routing = routingOf([route(host, 1), route("good.localhost", null)], [backend(1, "10.0.0.1")])
    expect(routing.refused).toEqual([host])
    expect(mapText(routing)).toBe("good.localhost stopped\n")
  })

  it.each([
    ["10.0.0.1:1;", 80],
    ["::1", 80],
    ["10.0.0.256", 80],
    ["10.0.0.1", 0],
    ["10.0.0.1", 65536],
    ["10.0.0.1", 1.5],
  ])("never leads to %s:%d", (address, port) => {
    expect(mapText(routingOf([route("a", 1)], [backend(1, address, port)]))).toBe("a waiting\n")
  })

  it("gives one well-formed line per accepted host, whatever the names", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.domain())), (hosts) => {
        const text = mapText(
          routingOf(
            hosts.map((host) => route(host, 1)),
            [backend(1, "10.0.0.1")],
          ),
        )
        for (const line of text.split("\n").slice(0, -1))
          expect(line).toMatch(/^[a-z0-9.-]+ 10\.0\.0\.1:3000$/)
      }),
    )
  })
})
