import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { look, nothingSeen, type Seen, type WatchedInstance } from "./watch.ts"

const limits = { exits: 3, unhealthyLooks: 4, secondsBetweenLooks: 5 }

const healthy: WatchedInstance = {
  slot: 0,
  placementId: "plc_1",
  containerId: "a",
  state: "running",
  healthy: true,
  exitCode: null,
  probe: "GET / answered 200",
}
const exited = (containerId: string, exitCode: number, more: Partial<WatchedInstance> = {}) =>
  ({ ...healthy, containerId, state: "exited", healthy: false, exitCode, ...more }) as const

const looks = (all: ReadonlyArray<ReadonlyArray<WatchedInstance>>, everyMs = 5_000) => {
  let seen: Seen = nothingSeen
  let reason: string | null = null
  all.forEach((instances, at) => {
    const now = look(seen, instances, at * everyMs, limits)
    seen = now.seen
    reason ??= now.reason
  })
  return { seen, reason }
}

describe("a release that is looked after", () => {
  it("turns bad when an instance exits again and again", () => {
    const running = (containerId: string) => ({ ...healthy, containerId })
    const all = [[exited("a", 1)], [running("b")], [exited("b", 1)], [running("c")], [exited("c", 1)]]
    expect(looks(all.slice(0, 4)).reason).toBeNull()
    expect(looks(all, 30_000).reason).toBe("exit code 1 three times within 2 minutes")
  })

  it("turns bad also when nobody saw the ends, but only what came after them", () => {
    const all = ["a", "b", "c", "d"].map((containerId) => [{ ...healthy, containerId }])
    expect(looks(all).reason).toBe("it exited three times within 10 seconds")
  })

  it("turns bad when it stays unhealthy, not when it recovers", () => {
    const ill = { ...healthy, healthy: false, probe: "GET / answered 500" }
    expect(looks([[ill], [ill], [ill], [healthy], [ill], [ill], [ill]]).reason).toBeNull()
    expect(looks([[ill], [ill], [ill], [ill]]).reason).toBe("not healthy for 20 seconds: GET / answered 500")
  })

  it("is not blamed for moves, for one exit of each of its instances, nor for what nobody can see", () => {
    const moved = ["plc_1", "plc_2", "plc_3", "plc_4"].map((placementId, at) => [
      { ...healthy, placementId, containerId: `container-${at}` },
    ])
    expect(looks(moved).reason).toBeNull()
    const each = [0, 1, 2, 3].map((slot) => exited(`c${slot}`, 1, { slot, placementId: `plc_${slot}` }))
    expect(looks([each]).reason).toBeNull()
    const ill = { ...healthy, healthy: false }
    expect(looks([[ill], [ill], [ill], [], [ill], [ill], [ill]]).reason).toBeNull()
  })

  it("is kept where it has recovered since, unless it ends again or is unhealthy", () => {
    const ends = ["a", "b", "c"].map((containerId) => [exited(containerId, 1)])
    const { seen, reason } = looks(ends)
    expect(reason).not.toBeNull()
    const later = (instance: WatchedInstance, ms: number) => look(seen, [instance], ms, limits).reason
    const up = { ...healthy, containerId: "d" }
    expect(later(up, 60_000)).not.toBeNull()
    const recovered = look(seen, [up], 600_000, limits)
    expect(recovered.reason).toBeNull()
    expect(look(recovered.seen, [up], 700_000, limits).reason).toBeNull()
    expect(look(recovered.seen, [{ ...up, healthy: false }], 700_000, limits).reason).not.toBeNull()
    expect(look(recovered.seen, [exited("d", 1)], 700_000, limits).reason).toMatch(/four times/)
  })

  it("has no more of its ends kept than are told, and those that are still to see", () => {
    const all = Array.from({ length: 100 }, (_, at) => [exited(`c${at}`, 1)])
    expect(looks(all).seen.exits).toHaveLength(10)
    const standing = Array.from({ length: 12 }, (_, at) => exited(`c${at}`, 1))
    expect(looks([standing, standing]).seen.exits).toHaveLength(12)
  })

  it("that is healthy throughout is never blamed, and an end is counted once however often it is seen", () => {
    const instances = fc.array(
      fc.record({ slot: fc.integer({ min: 0, max: 3 }) }).map(({ slot }) => ({
        ...healthy,
        slot,
        placementId: `plc_${slot}`,
        containerId: `c${slot}`,
      })),
    )
    fc.assert(
      fc.property(fc.array(instances), (all) => {
        expect(looks(all).reason).toBeNull()
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), (again) => {
        const all = Array.from({ length: again }, () => [exited("a", 1), { ...healthy, containerId: "b" }])
        expect(looks(all).seen.exits).toHaveLength(1)
      }),
    )
  })
})
