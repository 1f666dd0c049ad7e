import type { PlacementId, WorkerId } from "@skypanel/contract/Id"
import type { Volume } from "@skypanel/contract/Volume"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type Circumstances,
  type Move,
  nextMove,
  type Slot,
  type SlotPlacement,
  type SlotWorker,
} from "./moves.ts"

const worker = (n: number, more: Partial<SlotWorker> = {}): SlotWorker => ({
  id: `wrk_${String(n).padStart(24, "0")}` as WorkerId,
  name: `w${n}`,
  lost: false,
  lostForMs: 0,
  leaving: false,
  moveByHand: false,
  ...more,
})
const id = (n: number) => `plc_${String(n).padStart(24, "0")}` as PlacementId
const placement = (n: number, more: Partial<SlotPlacement> = {}): SlotPlacement => ({
  id: id(n),
  worker: worker(n),
  state: "serving",
  reason: "deployment",
  replaces: null,
  healthy: true,
  ageMs: 60_000,
  ...more,
})
const slot = (placements: ReadonlyArray<SlotPlacement>, more: Partial<Slot> = {}): Slot => ({
  placements,
  volume: null,
  former: [],
  yields: false,
  failures: 0,
  sinceFailureMs: Number.POSITIVE_INFINITY,
  ...more,
})
const calmly: Circumstances = {
  policy: { failover: { kind: "at-once" } },
  brake: false,
  fencingForMs: Number.POSITIVE_INFINITY,
  patienceMs: 240_000,
}
const lost = worker(1, { lost: true, lostForMs: 1_000 })
const volume = (whenWorkerIsLost: Volume["whenWorkerIsLost"]): Volume => ({
  path: "/data",
  sizeBytes: 2 ** 30,
  whenWorkerIsLost,
})
const move = (of: Slot, circumstances: Partial<Circumstances> = {}) =>
  nextMove(of, { ...calmly, ...circumstances })

const nothing: Move = { do: "nothing", stuck: null }

describe("an instance on a worker that is lost", () => {
  const there = slot([placement(1, { worker: lost, healthy: false })])

  it("is started elsewhere at once", () => {
    const wanted = { do: "place", reason: "failover", replaces: id(1), avoid: [lost.id] }
    expect(move(there)).toEqual(wanted)
  })
  it("stays while the brake holds", () => expect(move(there, { brake: true })).toEqual(nothing))
  it("waits as long as the policy says", () => {
    const policy = { failover: { kind: "after", minutes: 5 } } as const
    expect(move(there, { policy })).toEqual(nothing)
    const later = slot([
      placement(1, { worker: worker(1, { lost: true, lostForMs: 300_000 }), healthy: false }),
    ])
    expect(move(later, { policy })).toMatchObject({ do: "place" })
  })
  it("waits for an administrator, who may overrule the brake", () => {
    const policy = { failover: { kind: "by-hand" } } as const
    expect(move(there, { policy })).toEqual(nothing)
    const ordered = slot([placement(1, { worker: { ...lost, moveByHand: true }, healthy: false })])
    expect(move(ordered, { policy, brake: true })).toMatchObject({ do: "place" })
  })
  it("is given up there once the new one is healthy", () => {
    const both = slot([
      placement(1, { worker: lost, healthy: false }),
      placement(2, { replaces: id(1), state: "starting", reason: "failover" }),
    ])
    expect(move(both)).toEqual({ do: "takeOver", by: id(2), from: id(1) })
  })
  it("stays there after all when it is back before the new one is healthy", () => {
    const both = slot([
      placement(1),
      placement(2, { replaces: id(1), state: "starting", healthy: false, reason: "failover" }),
    ])
    expect(move(both)).toEqual({ do: "end", placement: id(2), failed: false, why: "w1 is back" })
  })
  it("is tried elsewhere again when the new worker is lost too, or it does not become healthy", () => {
    const both = (fresh: Partial<SlotPlacement>) =>
      slot([
        placement(1, { worker: lost, healthy: false }),
        placement(2, { replaces: id(1), state: "starting", healthy: false, ...fresh }),
      ])
    expect(move(both({ worker: worker(2, { lost: true }) }))).toMatchObject({
      do: "end",
      placement: id(2),
      failed: true,
    })
    expect(move(both({ ageMs: 300_000 }))).toMatchObject({ do: "end", placement: id(2), failed: true })
    const soon = slot([placement(1, { worker: lost, healthy: false })], {
      failures: 3,
      sinceFailureMs: 10_000,
    })
    expect(move(soon)).toEqual(nothing)
    expect(move({ ...soon, sinceFailureMs: 20_000 })).toMatchObject({ do: "place" })
  })
})

describe("an instance on a worker that is drained", () => {
  const leaving = worker(1, { leaving: true })
  it("is started elsewhere, and leaves when the new one is healthy", () => {
    expect(move(slot([placement(1, { worker: leaving })]))).toMatchObject({ do: "place", reason: "drain" })
    const fresh = { replaces: id(1), state: "starting", reason: "drain" } as const
    const both = (healthy: boolean) =>
      slot([placement(1, { worker: leaving }), placement(2, { ...fresh, healthy })])
    expect(move(both(false))).toEqual(nothing)
    expect(move(both(true))).toEqual({ do: "takeOver", by: id(2), from: id(1) })
  })
  it("stays when the drain is stopped", () => {
    const both = slot([placement(1), placement(2, { replaces: id(1), state: "starting", healthy: false })])
    expect(move(both)).toMatchObject({ do: "end", placement: id(2), failed: false })
  })
})

describe("an instance with a volume", () => {
  it("waits for its data, and says so", () => {
    const there = slot([placement(1, { worker: lost, healthy: false })], { volume: volume("wait") })
    expect(move(there)).toEqual({ do: "nothing", stuck: "its data is on w1, and it shall wait for it" })
    const drained = slot([placement(1, { worker: worker(1, { leaving: true }) })], { volume: volume("wait") })
    expect(move(drained)).toMatchObject({
      do: "nothing",
      stuck: expect.stringContaining("its data is on w1"),
    })
  })
  it("starts with an empty one only after the old copy has surely ended", () => {
    const at = (lostForMs: number) =>
      slot([placement(1, { worker: worker(1, { lost: true, lostForMs }), healthy: false })], {
        volume: volume("start-empty"),
      })
    expect(move(at(44_000))).toEqual({ do: "nothing", stuck: "it may still run on w1" })
    expect(move(at(45_000))).toMatchObject({ do: "end", placement: id(1) })
    const ended = (former: SlotWorker) =>
      slot([], { volume: volume("start-empty"), former: [{ worker: former }] })
    expect(move(ended(worker(1)))).toEqual({ do: "nothing", stuck: "its old copy has not ended yet" })
    expect(move(ended(worker(1, { lost: true, lostForMs: 45_000 })))).toMatchObject({
      do: "place",
      reason: "repair",
    })
  })
  it("counts from when the lost worker can know that it alone is lost", () => {
    const alone = slot(
      [placement(1, { worker: worker(1, { lost: true, lostForMs: 600_000 }), healthy: false })],
      {
        volume: volume("start-empty"),
      },
    )
    expect(move(alone, { fencingForMs: 44_000 })).toEqual({ do: "nothing", stuck: "it may still run on w1" })
    expect(move(alone, { fencingForMs: 45_000 })).toMatchObject({ do: "end" })
  })
  it("is not started while a newer deployment has its volume", () => {
    expect(move(slot([], { volume: volume("wait"), yields: true }))).toEqual(nothing)
  })
})

describe("nextMove", () => {
  const workers: fc.Arbitrary<SlotWorker> = fc.record({
    id: fc.constantFrom(worker(1).id, worker(2).id, worker(3).id),
    name: fc.constant("w"),
    lost: fc.boolean(),
    lostForMs: fc.nat(100_000),
    leaving: fc.boolean(),
    moveByHand: fc.constant(false),
  })
  const placements = fc
    .array(
      fc.record({ worker: workers, healthy: fc.boolean(), ageMs: fc.nat(600_000), starting: fc.boolean() }),
      { maxLength: 3 },
    )
    .map((given) =>
      given.map(
        ({ starting, ...one }, at): SlotPlacement => ({
          ...placement(at + 1),
          ...one,
          healthy: one.healthy && !one.worker.lost,
          state: starting ? "starting" : "serving",
          replaces: at === 0 ? null : id(1),
        }),
      ),
    )
  const anyVolume = fc.option(fc.constantFrom(volume("wait"), volume("start-empty")))
  const slots: fc.Arbitrary<Slot> = fc.record({
    placements,
    volume: anyVolume,
    former: fc.array(fc.record({ worker: workers }), { maxLength: 2 }),
    yields: fc.boolean(),
    failures: fc.nat(5),
    sinceFailureMs: fc.nat(600_000),
  })
  const circumstances: fc.Arbitrary<Circumstances> = fc.record({
    policy: fc.constantFrom(
      { failover: { kind: "at-once" as const } },
      { failover: { kind: "by-hand" as const } },
    ),
    brake: fc.boolean(),
    fencingForMs: fc.nat(600_000),
    patienceMs: fc.constant(240_000),
  })

  it("never ends the only healthy copy of an instance without a volume", () => {
    fc.assert(
      fc.property(slots, circumstances, (given, around) => {
        const result = nextMove(given, around)
        if (given.volume !== null) return
        const ended = result.do === "end" ? result.placement : result.do === "takeOver" ? result.from : null
        const left = given.placements.filter(({ id, healthy }) => healthy && id !== ended)
        const had = given.placements.some(({ healthy }) => healthy)
        if (ended !== null && had) expect(left.length).toBeGreaterThan(0)
      }),
      { numRuns: 2_000 },
    )
  })

  it("never starts a second copy beside a volume, nor one before the old copy is fenced", () => {
    fc.assert(
      fc.property(slots, circumstances, (given, around) => {
        const result = nextMove(given, around)
        if (given.volume === null || result.do !== "place") return
        expect(given.placements).toEqual([])
        for (const { worker } of given.former) {
          expect(worker.lost && worker.lostForMs >= 45_000).toBe(true)
          expect(around.fencingForMs).toBeGreaterThanOrEqual(45_000)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it("fails nothing over while the brake holds or an administrator decides", () => {
    fc.assert(
      fc.property(slots, circumstances, (given, around) => {
        const result = nextMove(given, around)
        if (result.do === "place" && result.reason === "failover") {
          expect(around.brake).toBe(false)
          expect(around.policy.failover.kind).toBe("at-once")
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it("has never more than two copies of one instance", () => {
    fc.assert(
      fc.property(slots, circumstances, (given, around) => {
        if (given.placements.length >= 2) expect(nextMove(given, around).do).not.toBe("place")
      }),
    )
  })
})
