import type { BuildAssignment, BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { PackageSet } from "@skypanel/contract/Worker"
import { type Config, Context, Effect, Layer, Stream } from "effect"
import { builderConfig } from "./BuilderConfig.ts"
import type { LogBatch } from "./BuildLog.ts"
import { makeBuilds } from "./Builds.ts"

/** Carries out the builds that the platform assigns to this worker. */
export class Builder extends Context.Service<
  Builder,
  {
    /**
     * Takes the full list of assignments: starts those it does not know, ends those that are canceled or no longer
     * in it (their processes die). The same list again changes nothing.
     */
    readonly reconcile: (assignments: ReadonlyArray<BuildAssignment>) => Effect.Effect<void>
    /** Every build it knows; a finished one stays until it is no longer assigned. */
    readonly observed: Effect.Effect<ReadonlyArray<BuildObserved>>
    /** New log lines of all builds, in batches of at most 200 lines and 256 KiB, 100 ms after they were printed. */
    readonly logs: Stream.Stream<LogBatch>
    /** All lines that are not stored yet, for a new session. */
    readonly replay: Effect.Effect<ReadonlyArray<LogBatch>>
    /** The platform has the build's lines up to `seq`. */
    readonly stored: (buildId: string, seq: number) => Effect.Effect<void>
    /** Something in `observed` has changed. */
    readonly changes: Stream.Stream<void>
    /** What it builds with; null while that is being prepared, and where nothing can be built. */
    readonly packageSet: Effect.Effect<PackageSet | null>
    /** How many builds it runs at the same time; more wait here. */
    readonly slots: number
    /** How many checks it carries out at the same time, beside the builds. */
    readonly checkSlots: number
    /** What it fetches besides a repository's own files. */
    readonly gitParts: Effect.Effect<ReadonlyArray<"submodules" | "lfs">>
  }
>()("agent/builder/Builder") {
  /** Needs Nix 2.8 or newer, bubblewrap, socat and git on the search path; git-lfs for files in Git LFS. */
  static readonly layer: Layer.Layer<Builder, Config.ConfigError> = Layer.effect(
    Builder,
    Effect.gen(function* () {
      return Builder.of(yield* makeBuilds(yield* builderConfig))
    }),
  )

  /** A worker without the builder role. */
  static readonly layerNone: Layer.Layer<Builder> = Layer.succeed(
    Builder,
    Builder.of({
      reconcile: () => Effect.void,
      observed: Effect.succeed([]),
      logs: Stream.never,
      replay: Effect.succeed([]),
      stored: () => Effect.void,
      changes: Stream.never,
      packageSet: Effect.succeed(null),
      slots: 0,
      checkSlots: 0,
      gitParts: Effect.succeed([]),
    }),
  )
}
