import type { DesiredPlacement } from "@skypanel/contract/AgentProtocol"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { watch } from "../../test/containers.ts"
import { deploymentId, placementId, serviceId } from "../../test/edge.ts"
import type { Container } from "../observer/Container.ts"
import { fenced, leaseIsOver, toStop } from "./fencing.ts"

const leased = (n: number, leaseSeconds: number | null): DesiredPlacement => ({
  ...watch(n, 3000, null),
  leaseSeconds,
})
const container = (n: number, state: Container["state"]): Container => ({
  id: `${n}-${state}`,
  organizationId: watch(n, 3000, null).organizationId,
  serviceId: serviceId(n),
  deploymentId: deploymentId(n),
  placementId: placementId(n),
  state,
  exitCode: null,
  outOfMemory: false,
  startedAt: null,
  address: null,
})

describe("a lease of 60 seconds", () => {
  it.each([
    { silentMs: 60_000, peers: 4, sayLost: 0, over: false, why: "the platform was heard just in time" },
    { silentMs: 60_001, peers: 4, sayLost: 0, over: true, why: "this worker of five is alone" },
    { silentMs: 60_001, peers: 4, sayLost: 1, over: true, why: "two of five are not half" },
    { silentMs: 60_001, peers: 4, sayLost: 2, over: false, why: "three of five are more than half" },
    { silentMs: 60_001, peers: 3, sayLost: 1, over: false, why: "two of four are half" },
    { silentMs: 60_001, peers: 3, sayLost: 0, over: true, why: "one of four is not half" },
    { silentMs: 60_001, peers: 2, sayLost: 0, over: true, why: "one of three is not half" },
    { silentMs: 60_001, peers: 1, sayLost: 0, over: false, why: "one of two is half" },
    { silentMs: 60_001, peers: 0, sayLost: 0, over: false, why: "it is the only worker" },
    { silentMs: 3_600_000, peers: 99, sayLost: 48, over: true, why: "49 of 100 are not half" },
    { silentMs: 3_600_000, peers: 99, sayLost: 49, over: false, why: "50 of 100 are half" },
  ])("over: $over, because $why", ({ over, ...standing }) => {
    expect(leaseIsOver(60, standing)).toBe(over)
  })
})

describe("fence and brake", () => {
  /** A fleet, some of it cut off from the platform, and who of it reaches whom. */
  const fleets = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.record({
      silent: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
      reaches: fc.array(fc.array(fc.boolean(), { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
    }),
  )

  it("never leave a leased instance running where the platform may start another one", () => {
    fc.assert(
      fc.property(fleets, ({ silent, reaches }) => {
        const size = silent.length
        const brake = 2 * silent.filter(Boolean).length >= size
        for (const [me, iAmSilent] of silent.entries()) {
          if (!iAmSilent) continue
          const sayLost = silent.filter((isSilent, n) => n !== me && isSilent && reaches[me]![n]).length
          const over = leaseIsOver(60, { silentMs: 61_000, peers: size - 1, sayLost })
          // The platform moves only without the brake: then every copy that it does not hear has ended.
          if (!brake) expect(over).toBe(true)
          // And one that stops could not have known half the fleet to be in the same place.
          if (over) expect(2 * (sayLost + 1)).toBeLessThan(size)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it("stop nothing when the platform is away for all, and the workers hear each other", () => {
    for (let size = 1; size <= 50; size++)
      expect(leaseIsOver(1, { silentMs: 1e9, peers: size - 1, sayLost: size - 1 })).toBe(false)
  })
})

describe("what is stopped", () => {
  const alone = { silentMs: 61_000, peers: 4, sayLost: 0 }

  it("are ended placements, and those whose lease is over", () => {
    const state = {
      ended: [placementId(1)],
      placements: [leased(2, 60), leased(3, 90), leased(4, null)],
    }
    expect(fenced(state, alone)).toEqual(new Set([placementId(1), placementId(2)]))
    expect(fenced(state, { ...alone, silentMs: 0 })).toEqual(new Set([placementId(1)]))
  })

  it("are containers of theirs that have not ended, and no others", () => {
    const containers = [
      container(1, "running"),
      container(1, "starting"),
      container(1, "exited"),
      container(2, "running"),
    ]
    expect(toStop(containers, new Set([placementId(1)])).map(({ id }) => id)).toEqual([
      "1-running",
      "1-starting",
    ])
  })
})
