import type { WorkerId } from "@skypanel/contract/Id"
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Candidate, choosePlacement } from "./choosePlacement.ts"

const GiB = 2 ** 30
const id = (n: number) => `wrk_${String(n).padStart(24, "0")}` as WorkerId
const worker = (n: number, more: Partial<Candidate> = {}): Candidate => ({
  id: id(n),
  capacity: { cpu: 4, memoryBytes: 10 * GiB, diskBytes: 100 * GiB },
  reservedBytes: 0,
  placements: 0,
  ofService: 0,
  ...more,
})
const small = { cpu: 1, memoryBytes: GiB, storageBytes: GiB }
const chosen = (
  candidates: ReadonlyArray<Candidate>,
  resources = small,
  avoid: ReadonlyArray<WorkerId> = [],
) =>
  Result.match(choosePlacement(candidates, resources, new Set(avoid)), {
    onSuccess: (id): string => id,
    onFailure: (reason) => reason,
  })

describe("choosePlacement", () => {
  it("spreads the instances of a service before it looks at room", () => {
    expect(chosen([worker(1, { ofService: 1 }), worker(2, { reservedBytes: 5 * GiB })])).toBe(id(2))
  })
  it("takes the one whose memory is least promised", () => {
    expect(chosen([worker(1, { reservedBytes: 2 * GiB }), worker(2, { reservedBytes: GiB })])).toBe(id(2))
  })
  it("keeps away from what it shall avoid", () =>
    expect(chosen([worker(1), worker(2)], small, [id(1)])).toBe(id(2)))
  it.each<readonly [string, ReadonlyArray<Candidate>, typeof small, ReadonlyArray<WorkerId>, string]>([
    ["nobody is there", [], small, [], "There is no worker that takes services now."],
    [
      "nobody else is there",
      [worker(1)],
      small,
      [id(1)],
      "There is no other worker that takes services now.",
    ],
    ["no CPU", [worker(1)], { ...small, cpu: 8 }, [], "It needs 8 CPU cores; the largest worker has 4."],
    [
      "no memory",
      [worker(1, { reservedBytes: 8 * GiB }), worker(2, { reservedBytes: 8.5 * GiB })],
      { ...small, memoryBytes: 2 * GiB },
      [],
      "It needs 2 GiB of memory; the most that is free on any worker is 1 GiB.",
    ],
  ])("says why there is none: %s", (_, candidates, resources, avoid, reason) => {
    expect(chosen(candidates, resources, avoid)).toBe(reason)
  })

  it("never promises more than there is, and takes a worker where one fits", () => {
    const candidates = fc.array(
      fc.record({
        reserved: fc.nat(12),
        memory: fc.integer({ min: 1, max: 16 }),
        cpu: fc.integer({ min: 1, max: 8 }),
      }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 8 }), (given, need) => {
        const workers = given.map(({ reserved, memory, cpu }, n) =>
          worker(n, {
            reservedBytes: reserved * GiB,
            capacity: { cpu, memoryBytes: memory * GiB, diskBytes: GiB },
          }),
        )
        const fits = ({ capacity, reservedBytes }: Candidate) =>
          capacity.cpu >= 2 && reservedBytes + need * GiB <= capacity.memoryBytes * 0.9
        const result = choosePlacement(workers, { cpu: 2, memoryBytes: need * GiB, storageBytes: GiB })
        if (Result.isSuccess(result))
          expect(fits(workers.find((one) => one.id === result.success)!)).toBe(true)
        else expect(workers.some(fits)).toBe(false)
      }),
    )
  })
})
