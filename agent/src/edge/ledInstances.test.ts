import { describe, expect, it } from "vitest"
import { containerFor, deploymentId, placementId, serviceId } from "../../test/edge.ts"
import type { Backend } from "../observer/observation.ts"
import { type Facts, type Led, ledNow } from "./ledInstances.ts"

const host = "a.localhost"
const backend = (n: number, deployment = 1): Backend => ({
  deploymentId: deploymentId(deployment),
  placementId: placementId(n),
  address: `10.0.0.${n}`,
  port: 3000,
  startedAt: "2026-01-01T00:00:00.000Z",
})
const desired = (...ns: ReadonlyArray<number>): Facts["desired"] => ({
  placements: ns.map((n) => ({ placementId: placementId(n) })) as unknown as Facts["desired"]["placements"],
  ended: [],
})
/** Placements 1 and 2 serve deployment 1. */
const serving: Facts = {
  routes: [{ host: "A.localhost", serviceId: serviceId(0), deploymentId: deploymentId(1), peers: [] }],
  desired: desired(1, 2),
  backends: [backend(1), backend(2)],
  containers: [1, 2].map((n) => containerFor(backend(n))),
}
const before = ledNow(new Map(), serving)
const led = (facts: Facts, from: Led = before) =>
  ledNow(from, facts)
    .get(host)
    ?.map(({ address }) => address)

describe("where a host has led", () => {
  it("is where it leads", () => expect(led(serving)).toEqual(["10.0.0.1", "10.0.0.2"]))

  it("stays while a container that shall not serve any more runs on, and no longer", () => {
    const left = { ...serving, desired: desired(2), backends: [backend(2)] }
    expect(led(left)).toEqual(["10.0.0.2", "10.0.0.1"])
    const [first, second] = serving.containers
    expect(led({ ...left, containers: [second!] })).toEqual(["10.0.0.2"])
    expect(led({ ...left, containers: [{ ...first!, state: "exited" }, second!] })).toEqual(["10.0.0.2"])
    expect(led({ ...left, containers: [{ ...first!, address: "10.0.0.9" }, second!] })).toEqual(["10.0.0.2"])
  })

  it("is not an instance that has ended: another one may use its volume already", () =>
    expect(led({ ...serving, desired: { placements: [], ended: [placementId(1)] }, backends: [] })).toEqual([
      "10.0.0.2",
    ]))

  it("is not one that shall serve and is not healthy, also when it leaves later", () => {
    const unwell = { ...serving, backends: [backend(2)] }
    expect(led(unwell)).toEqual(["10.0.0.2"])
    expect(led({ ...unwell, desired: desired(2) }, ledNow(before, unwell))).toEqual(["10.0.0.2"])
  })

  it("is one that is not healthy any more while it runs on and none is, until it is started again", () => {
    const unwell = { ...serving, backends: [] }
    expect(led(unwell)).toEqual(["10.0.0.1", "10.0.0.2"])
    const again = serving.containers.map((one) => ({ ...one, startedAt: "2026-01-01T00:01:00.000Z" }))
    expect(led({ ...unwell, containers: again })).toBeUndefined()
    expect(led(unwell, ledNow(before, { ...serving, backends: [backend(2)] }))).toEqual(["10.0.0.2"])
    const other = backend(3, 2)
    const facts = { ...unwell, containers: [...serving.containers, containerFor(other)], backends: [other] }
    expect(led(facts, new Map([[host, [backend(1), other]]]))).toEqual(["10.0.0.1"])
  })

  it("is the last deployment as well when a newer one serves elsewhere, and never one that has not served", () => {
    const newer = { ...serving.routes[0]!, deploymentId: deploymentId(2) }
    expect(led({ ...serving, routes: [newer] })).toEqual(["10.0.0.1", "10.0.0.2"])
    const proving = { ...serving, backends: [...serving.backends, backend(3, 2)] }
    expect(led(proving)).toEqual(["10.0.0.1", "10.0.0.2"])
  })

  it("is forgotten with the route", () => {
    expect(led({ ...serving, routes: [] })).toBeUndefined()
    expect(led({ ...serving, routes: [{ ...serving.routes[0]!, deploymentId: null }] })).toBeUndefined()
  })
})
