import type { Observed } from "@skypanel/contract/AgentProtocol"
import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import type { PackageSet } from "@skypanel/contract/Worker"
import { Effect, Layer, Logger, ManagedRuntime, Stream } from "effect"
import { Builder } from "../src/builder/Builder.ts"
import type { LogBatch } from "../src/builder/BuildLog.ts"
import { makeChanges } from "../src/Changes.ts"
import { AgentConfig } from "../src/config.ts"
import { DesiredState } from "../src/desired/DesiredState.ts"
import { Identity } from "../src/identity/Identity.ts"
import { RuntimeLogs } from "../src/logs/RuntimeLogs.ts"
import { PlatformContact } from "../src/session/PlatformContact.ts"
import { Report } from "../src/session/Report.ts"
import { layerSession } from "../src/session/Session.ts"
import { StatusFile } from "../src/session/StatusFile.ts"
import { Membership } from "../src/swarm/Membership.ts"
import { Upgrade } from "../src/upgrade/Upgrade.ts"
import { settings } from "./edge.ts"

/** What a test's session reports beside its desired state: a worker that has nothing. */
const reportOf = (changes: Stream.Stream<void>, packageSet: Effect.Effect<PackageSet | null>) =>
  Layer.effect(
    Report,
    Effect.gen(function* () {
      const state = yield* DesiredState
      return {
        hello: Effect.map(packageSet, (packageSet) => ({
          _tag: "hello" as const,
          roles: ["services" as const],
          versions: { agent: "1", runtime: "test", docker: null, nix: null, haproxy: null },
          origin: "development" as const,
          clusterId: null,
          capacity: { cpu: 1, memoryBytes: 1, diskBytes: 1 },
          limits: { cpu: null, memoryBytes: null },
          packageSet,
          orchestratorNodeId: null,
          endpointAddress: null,
          volumeFolder: "/nonexistent",
        })),
        observed: Effect.sync(
          (): Observed => ({
            _tag: "observed",
            at: "2026-01-01T00:00:00.000Z",
            generation: state.isFresh() ? state.current().generation : 0,
            health: { load1: 0, cpuPercent: 0, memoryUsedBytes: 0, diskUsedBytes: 0 },
            builds: [],
            containers: [],
            edgeError: null,
            problems: [],
            unreachablePeers: [],
            volumes: [],
          }),
        ),
        changes: Stream.merge(changes, state.changes),
      }
    }),
  )

/** The real session, and the state it keeps; what it reports on, and its builds, are the test's. */
export const startSession = async (given: {
  readonly controlPlane: URL
  readonly dataFolder: string
  readonly unstored?: ReadonlyArray<LogBatch>
  readonly newLogs?: Stream.Stream<LogBatch>
}) => {
  const changes = await Effect.runPromise(makeChanges)
  const packagesChanged = await Effect.runPromise(makeChanges)
  let packageSet: PackageSet | null = null
  const currentPackageSet = Effect.sync(() => packageSet)
  const reconciled: Array<ReadonlyArray<BuildAssignment>> = []
  const stored: Array<readonly [string, number]> = []
  const builder = Layer.succeed(Builder, {
    reconcile: (assignments) => Effect.sync(() => void reconciled.push(assignments)),
    observed: Effect.succeed([]),
    logs: given.newLogs ?? Stream.never,
    replay: Effect.succeed(given.unstored ?? []),
    stored: (id, seq) => Effect.sync(() => void stored.push([id, seq])),
    changes: packagesChanged.stream,
    packageSet: currentPackageSet,
    slots: 1,
    checkSlots: 2,
    gitParts: Effect.succeed([]),
  })
  const runtime = ManagedRuntime.make(
    layerSession.pipe(
      Layer.provide(reportOf(changes.stream, currentPackageSet)),
      Layer.provide(Layer.succeed(RuntimeLogs, { batches: Stream.never })),
      Layer.provide(builder),
      Layer.provide(Upgrade.layerNone),
      Layer.provide(
        Layer.succeed(Membership, {
          member: () => ({ version: null, nodeId: null, clusterId: null, managers: [], problem: null }),
          join: () => Effect.void,
          leave: Effect.void,
          changes: Stream.never,
        }),
      ),
      Layer.provide(Layer.mergeAll(Identity.layer, PlatformContact.layer, StatusFile.layer)),
      Layer.provideMerge(DesiredState.layer),
      Layer.provide(Layer.succeed(AgentConfig, settings(given))),
      Layer.provide(Logger.layer([])),
    ),
  )
  const state = await runtime.runPromise(DesiredState)
  /** Its builder has its packages now. */
  const hasPackages = (set: PackageSet) => {
    packageSet = set
    packagesChanged.tellUnsafe()
  }
  return { state, tell: changes.tellUnsafe, hasPackages, reconciled, stored, stop: () => runtime.dispose() }
}
