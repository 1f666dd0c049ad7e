import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { assign, hasRoom, type Queue, type WaitingBuild } from "./builds.ts"

const limits = { perOrganization: 2 }

const build = (id: string, organization: string, more: Partial<WaitingBuild> = {}): WaitingBuild => ({
  id,
  organization,
  warm: null,
  lost: [],
  able: null,
  ...more,
})
const queue = (more: Partial<Queue>): Queue => ({
  waiting: [],
  running: [],
  builders: [],
  served: [],
  ...more,
})
const given = (all: Partial<Queue>) =>
  assign(queue(all), limits).assignments.map(({ build, builder }) => `${build}→${builder}`)

describe("the build queue", () => {
  it("takes organizations in turn, within one the oldest first", () => {
    const waiting = [build("a1", "a"), build("a2", "a"), build("b1", "b"), build("c1", "c")]
    const builders = [{ id: "x", slots: 3 }]
    expect(given({ waiting, builders })).toEqual(["a1→x", "b1→x", "c1→x"])
    expect(given({ waiting, builders, served: ["b", "c", "a"] })).toEqual(["b1→x", "c1→x", "a1→x"])
  })

  it("goes to the builder that is warm when that one is free, else to the one with the most room", () => {
    const builders = [
      { id: "x", slots: 1 },
      { id: "y", slots: 2 },
    ]
    expect(given({ waiting: [build("a1", "a", { warm: "x" })], builders })).toEqual(["a1→x"])
    const running = [{ organization: "b", builder: "x" }]
    expect(given({ waiting: [build("a1", "a", { warm: "x" })], builders, running })).toEqual(["a1→y"])
  })

  it("goes to another builder than the one that was lost with it, unless that is the only one", () => {
    const waiting = [build("a1", "a", { warm: "x", lost: ["x"] })]
    const one = [{ id: "x", slots: 2 }]
    expect(given({ waiting, builders: [...one, { id: "y", slots: 1 }] })).toEqual(["a1→y"])
    expect(given({ waiting, builders: one })).toEqual(["a1→x"])
  })

  it("goes to no builder that does not know its source, and says so where none does", () => {
    const builders = [
      { id: "x", slots: 2 },
      { id: "y", slots: 1 },
    ]
    const waiting = [build("a1", "a", { able: ["y"] }), build("b1", "b", { able: [] })]
    expect(given({ waiting, builders })).toEqual(["a1→y"])
    expect(given({ waiting, builders: [builders[0]!] })).toEqual([])
    expect(assign(queue({ waiting, builders }), limits).places).toMatchObject([
      { id: "b1", reason: expect.stringMatching(/no builder knows this kind of source/) },
    ])
  })

  it("has room while any builder has a slot more than it runs builds", () => {
    const builders = [
      { id: "x", slots: 1 },
      { id: "y", slots: 2 },
    ]
    const on = (...ids: ReadonlyArray<string>) => ids.map((builder) => ({ organization: "a", builder }))
    expect(hasRoom({ builders, running: on("x", "y") })).toBe(true)
    expect(hasRoom({ builders, running: on("x", "y", "y", "gone") })).toBe(false)
    expect(hasRoom({ builders: [], running: [] })).toBe(false)
  })

  it("says who waits, and why", () => {
    const builders = ["x", "y"].map((id) => ({ id, slots: 1 }))
    const running = ["x", "y"].map((builder) => ({ organization: "a", builder }))
    const waiting = [build("a1", "a"), build("b1", "b"), build("b2", "b")]
    expect(assign(queue({ waiting, running, builders, served: ["b", "a"] }), limits).places).toEqual([
      { id: "b1", position: 1, reason: "first; both builders are busy" },
      {
        id: "a1",
        position: 2,
        reason: "second; both builders are busy; the organization runs 2 builds already",
      },
      { id: "b2", position: 3, reason: "third; both builders are busy" },
    ])
    expect(assign(queue({ waiting: [build("a1", "a")] }), limits).places[0]!.reason).toBe(
      "first; no builder is connected",
    )
  })
})

const ids = fc.constantFrom("a", "b", "c", "d")
const anyQueue = fc.record({
  waiting: fc
    .array(
      fc.record({ organization: ids, warm: fc.constantFrom("x", "y", null), lost: fc.subarray(["x", "y"]) }),
      {
        maxLength: 12,
      },
    )
    .map((all) => all.map((one, at) => build(`build-${at}`, one.organization, one))),
  running: fc.array(fc.record({ organization: ids, builder: fc.constantFrom("x", "y", "gone") }), {
    maxLength: 6,
  }),
  builders: fc.uniqueArray(
    fc.record({ id: fc.constantFrom("x", "y", "z"), slots: fc.integer({ min: 0, max: 4 }) }),
    {
      selector: ({ id }) => id,
    },
  ),
  served: fc.subarray(["a", "b", "c", "d"]),
})

describe("whatever the queue is", () => {
  it("no limit is passed, and each build is given once or told its place", () => {
    fc.assert(
      fc.property(anyQueue, (all) => {
        const { assignments, places } = assign(all, limits)
        const told = [...assignments.map((one) => one.build), ...places.map(({ id }) => id)]
        expect(told.toSorted()).toEqual(all.waiting.map(({ id }) => id).toSorted())
        expect(places.map(({ position }) => position)).toEqual(places.map((_, at) => at + 1))
        const organizationOf = new Map(all.waiting.map((one) => [one.id, one.organization]))
        for (const builder of new Set(assignments.map((one) => one.builder))) {
          const on = all.running.filter((one) => one.builder === builder).length
          const more = assignments.filter((one) => one.builder === builder).length
          expect(on + more).toBeLessThanOrEqual(all.builders.find(({ id }) => id === builder)!.slots)
        }
        for (const organization of new Set(assignments.map((one) => organizationOf.get(one.build)!))) {
          const on = all.running.filter((one) => one.organization === organization).length
          const more = assignments.filter((one) => organizationOf.get(one.build) === organization).length
          expect(on + more).toBeLessThanOrEqual(limits.perOrganization)
        }
      }),
    )
  })

  it("a slot is left free only when nobody may have it", () => {
    fc.assert(
      fc.property(anyQueue, (all) => {
        const without = { ...all, waiting: all.waiting.map((one) => ({ ...one, lost: [] })) }
        const { assignments, places } = assign(without, limits)
        const used = (id: string) =>
          all.running.filter(({ builder }) => builder === id).length +
          assignments.filter(({ builder }) => builder === id).length
        const isFree = all.builders.some(({ id, slots }) => used(id) < slots)
        if (isFree) for (const { reason } of places) expect(reason).toContain("the organization runs")
      }),
    )
  })

  it("no organization starves: each is served within as many turns as there are organizations", () => {
    fc.assert(
      fc.property(
        fc.array(ids, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 3 }),
        (owners, slots) => {
          let waiting = owners.map((organization, at) => build(`build-${at}`, organization))
          let served: Array<string> = []
          const waitedFor = new Map<string, number>()
          while (waiting.length > 0) {
            // Each turn all that ran before has ended.
            const { assignments } = assign(queue({ waiting, served, builders: [{ id: "x", slots }] }), limits)
            expect(assignments.length).toBeGreaterThan(0)
            const now = new Set(assignments.map((one) => one.build))
            const lucky = waiting.filter(({ id }) => now.has(id)).map(({ organization }) => organization)
            waiting = waiting.filter(({ id }) => !now.has(id))
            served = [...served.filter((one) => !lucky.includes(one)), ...new Set(lucky)]
            for (const organization of new Set(waiting.map((one) => one.organization))) {
              const turns = lucky.includes(organization) ? 0 : (waitedFor.get(organization) ?? 0) + 1
              expect(turns).toBeLessThan(4)
              waitedFor.set(organization, turns)
            }
          }
        },
      ),
    )
  })
})
