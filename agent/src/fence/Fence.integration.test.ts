import type { Desired, DesiredPlacement } from "@skypanel/contract/AgentProtocol"
import { Effect, Layer, Logger, ManagedRuntime, Stream } from "effect"
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useEngine } from "../../../test/lab/fixtures.ts"
import { BUSYBOX, importBusybox } from "../../../test/lab/images.ts"
import { place, prepareNetwork, until, watch } from "../../test/containers.ts"
import { placementId, settings, workerId } from "../../test/edge.ts"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState, nothing } from "../desired/DesiredState.ts"
import { ContainerEngine } from "../engine/ContainerEngine.ts"
import { Observer } from "../observer/Observer.ts"
import { Peers } from "../peers/Peers.ts"
import { PlatformContact } from "../session/PlatformContact.ts"
import { layerFence } from "./Fence.ts"

const engine = useEngine()
const forEver = "trap 'exit 0' TERM; while :; do sleep 1 & wait; done"

/** A fence over a real engine; how the worker stands is the test's to say. */
const startFence = async () => {
  const changes = await Effect.runPromise(makeChanges)
  let desired: Desired = { ...nothing, generation: 1 }
  const standing = { silentMs: 0, sayLost: 0 }
  const given = Layer.mergeAll(
    Layer.succeed(AgentConfig, settings({ dockerSocket: engine().socket })),
    Layer.succeed(DesiredState, {
      current: () => desired,
      isFresh: () => false,
      accept: () => Effect.void,
      changes: changes.stream,
    }),
    Layer.succeed(PlatformContact, {
      heard: () => undefined,
      silentMs: () => standing.silentMs,
      isLost: () => standing.silentMs > 10_000,
      setConnected: () => Effect.void,
      isConnected: () => standing.silentMs === 0,
      changes: Stream.never,
    }),
    Layer.succeed(Peers, {
      unreachable: () => [],
      sayLost: () => standing.sayLost,
      changes: Stream.never,
    }),
    Logger.layer([]),
  )
  const runtime = ManagedRuntime.make(
    layerFence.pipe(
      Layer.provideMerge(Observer.layer),
      Layer.provideMerge(ContainerEngine.layer),
      Layer.provide(given),
    ),
  )
  const observer = await runtime.runPromise(Observer)
  return {
    standing,
    desire: (change: Partial<Desired>) => {
      desired = { ...desired, ...change }
      changes.tellUnsafe()
    },
    stop: () => runtime.dispose(),
    stateOf: (n: number) => observer.all().find((one) => one.placementId === placementId(n))?.state,
  }
}

let fence: Awaited<ReturnType<typeof startFence>>
const placed: Array<{ remove: () => Promise<unknown> }> = []
const run = async (n: number) => {
  placed.push(await place(engine().docker, BUSYBOX, n, forEver))
  await until(`container ${n} to run`, () => fence.stateOf(n) === "running" || undefined, 60)
}
const leased = (n: number, leaseSeconds: number): DesiredPlacement => ({
  ...watch(n, 3000, null),
  leaseSeconds,
})
const peers = (count: number): Desired["peers"] =>
  Array.from({ length: count }, (_, n) => ({ workerId: workerId(n + 1), address: `192.0.2.${n + 1}:80` }))
const hasEnded = (n: number) =>
  until(`container ${n} to end`, () => fence.stateOf(n) !== "running" || undefined, 30)
/** Long enough for the fence to have looked several times. */
const staysUp = async (n: number) => {
  const deadline = performance.now() + 3_500
  while (performance.now() < deadline) {
    expect(fence.stateOf(n)).toBe("running")
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

beforeAll(async () => {
  await importBusybox(engine().docker)
  await prepareNetwork(engine().docker)
})
beforeEach(async () => {
  fence = await startFence()
})
afterEach(async () => {
  await fence.stop()
  await Promise.all(placed.splice(0).map((one) => one.remove()))
})

describe("the fence", () => {
  it("stops a container of a placement that has ended, and one that comes later, and no other", async () => {
    await run(1)
    await run(2)
    fence.desire({ placements: [watch(1, 3000, null), watch(2, 3000, null)] })
    await staysUp(1)
    fence.desire({ placements: [watch(2, 3000, null)], ended: [placementId(1), placementId(3)] })
    await hasEnded(1)
    placed.push(await place(engine().docker, BUSYBOX, 3, forEver))
    await until("container 3 to come and go", () => fence.stateOf(3) === "exited" || undefined, 60)
    expect(fence.stateOf(2)).toBe("running")
  }, 120_000)

  it("stops what is on a lease when this worker alone has lost the platform, and starts nothing again", async () => {
    await run(4)
    await run(5)
    fence.desire({ placements: [leased(4, 60), watch(5, 3000, null)], peers: peers(3) })
    fence.standing.silentMs = 59_000
    await staysUp(4)
    fence.standing.silentMs = 61_000
    await hasEnded(4)
    expect(fence.stateOf(5)).toBe("running")
    fence.standing.silentMs = 0
    await staysUp(5)
    expect(fence.stateOf(4)).not.toBe("running")
  }, 120_000)

  it("stops nothing while half the fleet says the same", async () => {
    await run(6)
    fence.standing.silentMs = 3_600_000
    fence.standing.sayLost = 1
    fence.desire({ placements: [leased(6, 60)], peers: peers(3) })
    await staysUp(6)
    fence.standing.sayLost = 0
    await hasEnded(6)
  }, 120_000)
})
