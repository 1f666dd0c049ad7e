import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import type { OrganizationId } from "@skypanel/contract/Id"
import {
  Cause,
  Deferred,
  Effect,
  Fiber,
  Option,
  PartitionedSemaphore,
  PubSub,
  Semaphore,
  Stream,
} from "effect"
import { Build } from "./Build.ts"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { LogBatch } from "./BuildLog.ts"
import { runBuild } from "./BuildRun.ts"
import { openBuildSpace, sweepBuilds } from "./BuildSpaces.ts"
import { runCheck } from "./Check.ts"
import { KnownLayers } from "./dockerfile/ImageUpload.ts"
import { makeLayerCaches } from "./dockerfile/LayerCaches.ts"
import { EvaluationMemory } from "./EvaluationMemory.ts"
import { EvaluationStores } from "./EvaluationStores.ts"
import { pollGit } from "./git/GitPoll.ts"
import { findHost } from "./HostFolders.ts"
import { mirrorImage } from "./image/MirrorImage.ts"
import { pollImage } from "./image/PollImage.ts"
import { preparePackages } from "./PackageSetChoice.ts"
import type { PackageSource } from "./PackageSource.ts"
import { hasProgram } from "./Programs.ts"

const flushMs = 100
const pollsAtOnce = 4
/** Somebody types and waits: checks do not wait for builds. */
const checksAtOnce = 2

const noBuilder = () =>
  buildFailed(
    "no-builder",
    "This builder has no packages to build with.",
    "Ask the operator to look at the builder's log.",
  )

const canceled = () =>
  buildFailed("canceled", "The build was canceled.", "Deploy again when you want it.").failure

const broken = () =>
  buildFailed(
    "internal",
    "The builder failed, not the build.",
    "Deploy again; if it stays so, ask the operator.",
  ).failure

/** All builds of this worker. Closing the scope ends them. */
export const makeBuilds = (
  config: BuilderConfig,
  prepare: Effect.Effect<PackageSource | null> = preparePackages(config),
) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const host = yield* findHost(config.dataFolder)
    // Before the first build and after the last one: nothing of theirs outlives this scope.
    yield* Effect.acquireRelease(sweepBuilds(config), () => sweepBuilds(config))
    const packages = yield* Deferred.make<PackageSource | null>()
    let packageSource: PackageSource | null = null
    const changes = yield* PubSub.sliding<void>(1)
    const batches = yield* PubSub.unbounded<LogBatch>()
    const permits = yield* Semaphore.make(config.concurrency)
    const polls = yield* PartitionedSemaphore.make<OrganizationId>({ permits: pollsAtOnce })
    const checks = yield* Semaphore.make(checksAtOnce)
    const stores = new EvaluationStores(config)
    const caches = yield* makeLayerCaches(config)
    const kept = { evaluations: new EvaluationMemory(), layers: new KnownLayers(), caches }
    const builds = new Map<string, Build>()
    let assigned: ReadonlyArray<BuildAssignment> = []

    const changed = PubSub.publish(changes, undefined)
    const flush = Effect.suspend(() =>
      Effect.forEach(
        [...builds.values()].flatMap(({ id, log }) =>
          log.take().map((lines): LogBatch => ({ buildId: id, lines })),
        ),
        (batch) => PubSub.publish(batches, batch),
        { discard: true },
      ),
    )

    /** It takes no builder's time, and waits for no build; nor for another organization's hosts: they take turns. */
    const poll = (build: Build): Effect.Effect<void, BuildFailed> =>
      Effect.gen(function* () {
        const space = yield* openBuildSpace(config, host, stores, build)
        build.enter("fetching")
        build.found(yield* build.assignment.source._tag === "image" ? pollImage(space) : pollGit(space))
      }).pipe(Effect.scoped, polls.withPermit(build.assignment.organizationId))

    const check = (build: Build): Effect.Effect<void, BuildFailed> =>
      Effect.gen(function* () {
        const source = yield* Deferred.await(packages)
        if (source === null) return yield* noBuilder()
        const space = yield* openBuildSpace(config, host, stores, build)
        build.enter("evaluating")
        build.resolved(yield* runCheck(space, source))
      }).pipe(Effect.scoped, checks.withPermits(1))

    const carryOut = (build: Build): Effect.Effect<void, BuildFailed> =>
      Effect.gen(function* () {
        const source = yield* Deferred.await(packages)
        if (source === null) return yield* noBuilder()
        const space = yield* openBuildSpace(config, host, stores, build)
        const result = yield* runBuild(space, source, kept, (phase) =>
          Effect.andThen(
            Effect.sync(() => build.enter(phase)),
            changed,
          ),
        )
        build.succeed(result)
      }).pipe(Effect.scoped, permits.withPermits(1))

    /** It needs no packages, and nothing of it is run. */
    const mirror = (build: Build): Effect.Effect<void, BuildFailed> =>
      Effect.gen(function* () {
        const space = yield* openBuildSpace(config, host, stores, build)
        build.enter("fetching")
        yield* changed
        const uploading = Effect.andThen(
          Effect.sync(() => build.enter("uploading")),
          changed,
        )
        build.succeed(yield* mirrorImage(space, uploading))
      }).pipe(Effect.scoped, permits.withPermits(1))

    const work = (build: Build) => {
      if (build.assignment.poll === true) return poll(build)
      if (build.assignment.source._tag === "image" && build.assignment.check !== true) return mirror(build)
      return build.assignment.check === true ? check(build) : carryOut(build)
    }

    /** Always ends the build in a finished phase, whatever happens to it. */
    const settle = (build: Build): Effect.Effect<void> =>
      work(build).pipe(
        Effect.catchCause((cause) => {
          const failed = Cause.findErrorOption(cause)
          if (Option.isSome(failed)) return Effect.sync(() => build.fail(failed.value.failure))
          if (Cause.hasInterrupts(cause)) return Effect.sync(() => build.fail(canceled()))
          return Effect.andThen(
            Effect.logError(`build ${build.id} broke`, cause),
            Effect.sync(() => build.fail(broken())),
          )
        }),
        Effect.ensuring(
          Effect.suspend(() => {
            if (!build.finished) build.fail(canceled())
            return Effect.andThen(flush, changed)
          }),
        ),
      )

    const start = (assignment: BuildAssignment) =>
      Effect.gen(function* () {
        const build = new Build(config, assignment, () => undefined)
        builds.set(build.id, build)
        if (assignment.canceled) build.fail(canceled())
        else build.fiber = yield* Effect.forkIn(settle(build), scope)
        yield* changed
      })

    /** Ends the build's processes; does not wait for that. */
    const end = (build: Build) =>
      build.fiber === null || build.finished
        ? Effect.void
        : Effect.asVoid(Effect.forkIn(Fiber.interrupt(build.fiber), scope))

    const forget = (build: Build): Effect.Effect<void> =>
      Effect.gen(function* () {
        if (build.fiber !== null) yield* Fiber.interrupt(build.fiber)
        builds.delete(build.id)
        // It may have been assigned again while it was ending.
        yield* reconcile(assigned)
      })

    const reconcile = (assignments: ReadonlyArray<BuildAssignment>): Effect.Effect<void> =>
      Effect.gen(function* () {
        assigned = assignments
        const wanted = new Map(assignments.map((assignment) => [assignment.id as string, assignment]))
        for (const build of [...builds.values()]) {
          const assignment = wanted.get(build.id)
          if (assignment === undefined) {
            if (!build.leaving) {
              build.leaving = true
              yield* Effect.forkIn(forget(build), scope)
            }
          } else if (assignment.canceled) yield* end(build)
        }
        for (const assignment of assignments) if (!builds.has(assignment.id)) yield* start(assignment)
      })

    yield* prepare.pipe(
      Effect.flatMap((source) => {
        packageSource = source
        return Effect.andThen(Deferred.succeed(packages, source), changed)
      }),
      Effect.forkIn(scope),
    )
    yield* stores.sweep.pipe(Effect.delay("1 minute"), Effect.forever, Effect.forkIn(scope))
    yield* flush.pipe(Effect.delay(flushMs), Effect.forever, Effect.forkIn(scope))

    return {
      reconcile,
      observed: Effect.sync(() => [...builds.values()].map((build) => build.observed())),
      logs: Stream.fromPubSub(batches),
      replay: Effect.sync(() =>
        [...builds.values()].flatMap(({ id, log }) =>
          log.replay().map((lines): LogBatch => ({ buildId: id, lines })),
        ),
      ),
      stored: (buildId: string, seq: number) => Effect.sync(() => builds.get(buildId)?.log.stored(seq)),
      changes: Stream.fromPubSub(changes),
      packageSet: Effect.sync(() => packageSource?.set ?? null),
      slots: config.concurrency,
      checkSlots: checksAtOnce,
      gitParts: Effect.map(hasProgram("git-lfs"), (lfs) =>
        lfs ? (["submodules", "lfs"] as const) : (["submodules"] as const),
      ),
    }
  })
