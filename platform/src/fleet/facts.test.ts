import type { WorkerId } from "@skypanel/contract/Id"
import { describe, expect, it } from "vitest"
import type { Watched } from "./FleetWatch.ts"
import { factsOf } from "./facts.ts"

const now = 100_000

/** A worker, and how often its row was looked at. */
const watched = (name: string, roles: ReadonlyArray<string>, of: Partial<Watched> = {}) => {
  let looks = 0
  const row = {
    id: name,
    roles,
    availability: "active",
    removed_at: null,
    placements: 0n,
    quarantined_until: null,
  }
  const worker = {
    get row() {
      looks += 1
      return row
    },
    heardAt: now,
    heartbeatAt: now,
    connected: true,
    hello: {},
    goodbye: null,
    problems: [],
    unreachablePeers: [],
    clockAheadMs: 0,
    member: true,
    proxyAnswers: null,
    ...of,
  } as unknown as Watched
  return { worker, looks: () => looks }
}

const facts = (...all: ReadonlyArray<ReturnType<typeof watched>>) =>
  factsOf(
    all.map(({ worker }) => worker),
    6_000,
    now,
  ).map(([, fact]) => fact)

describe("who looks at a worker", () => {
  it("is every other one that takes visitors and is not silent", () => {
    const edge = ["services", "ingress"]
    const unreachablePeers = ["b"] as unknown as ReadonlyArray<WorkerId>
    const [a, b, c, silent] = facts(
      watched("a", edge, { unreachablePeers }),
      watched("b", edge),
      watched("c", ["services"]),
      watched("silent", edge, { heardAt: now - 10_000, unreachablePeers }),
    )
    expect([a, b, c, silent].map((one) => one?.lookedAtBy)).toEqual([1, 1, 2, 2])
    expect([a, b, c, silent].map((one) => one?.unreachableFor)).toEqual([0, 1, 0, 0])
  })
})

describe("a large fleet", () => {
  it("costs no more for each worker than a small one", () => {
    const looksOf = (count: number) => {
      const all = Array.from({ length: count }, (_, at) => watched(`w${at}`, ["services", "ingress"]))
      facts(...all)
      return all.reduce((sum, { looks }) => sum + looks(), 0) / count
    }
    expect(looksOf(2_000)).toBe(looksOf(10))
  })
})
