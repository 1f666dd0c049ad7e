import { Schema } from "effect"
import { FailureCode } from "./Deployment.ts"
import { CheckId } from "./Id.ts"
import { Source } from "./Source.ts"

/**
 * Where a package of a plan is.
 * - `on-builder`: in the builder's store already
 * - `in-cache`: in the platform's binary cache
 * - `to-fetch`: a public cache has it
 * - `to-build`: nobody has it
 */
export const PackageState = Schema.Literals(["on-builder", "in-cache", "to-fetch", "to-build"])
export type PackageState = typeof PackageState.Type

export const packageStates: Readonly<Record<PackageState, string>> = {
  "on-builder": "on the builder",
  "in-cache": "in the cache",
  "to-fetch": "to be fetched",
  "to-build": "to be built",
}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Text = Schema.String.check(Schema.isMaxLength(256))

export const PlannedPackage = Schema.Struct({
  name: Text,
  /** Null: its derivation names none. */
  version: Schema.NullOr(Text),
  state: PackageState,
  /** The source asks for it itself; the others are what those need. */
  direct: Schema.Boolean,
  /** Of its files, without what they refer to; null where that is known only when it is built. */
  bytes: Schema.NullOr(Count),
})
export type PlannedPackage = typeof PlannedPackage.Type

/** A plan names at most so many packages; it counts the others. */
export const plannedPackagesMost = 400

/** What a source resolves to, before anything of it is built. */
export const PackagePlan = Schema.Struct({
  name: Text,
  version: Schema.NullOr(Text),
  state: PackageState,
  /** How the source was understood. */
  recognisedAs: Schema.String.check(Schema.isMaxLength(2048)),
  /** Direct ones first, then by what has to be done for them, then by name. */
  packages: Schema.Array(PlannedPackage).check(Schema.isMaxLength(plannedPackagesMost)),
  /** Of all packages, also of those that are not named. */
  totals: Schema.Struct({
    packages: Count,
    onBuilder: Count,
    inCache: Count,
    toFetch: Count,
    toBuild: Count,
    /** Of what is in a cache and not on the builder, as far as its size is known. */
    bytesToFetch: Count,
  }),
  /** The graph is larger than what is looked at: there are more than `totals` says. */
  cut: Schema.Boolean,
})
export type PackagePlan = typeof PackagePlan.Type

/** Something that keeps a source from being built, and where it is. Lines and columns count from 1. */
export const Diagnostic = Schema.Struct({
  code: FailureCode,
  message: Schema.String,
  /** The tool's own words; may be empty. */
  detail: Schema.String,
  next: Schema.String,
  /** Null: it is in no one place. `endColumn` is the first one behind it. */
  place: Schema.NullOr(
    Schema.Struct({
      file: Schema.String,
      line: Schema.Int,
      column: Schema.Int,
      endColumn: Schema.Int,
    }),
  ),
  /** What may have been meant at that place, the nearest first. */
  suggestions: Schema.Array(Schema.String),
})
export type Diagnostic = typeof Diagnostic.Type

/** A source that nobody deploys: a builder reads and evaluates it, and builds nothing. */
export const Check = Schema.Struct({
  id: CheckId,
  /** `waiting` for a builder, `checking`, `done`. */
  state: Schema.Literals(["waiting", "checking", "done"]),
  /** Empty: nothing is wrong with it. */
  diagnostics: Schema.Array(Diagnostic),
  /** Null: it is not done, or something is wrong with it. */
  plan: Schema.NullOr(PackagePlan),
})
export type Check = typeof Check.Type

/** What is checked: a source, or that of a service, with the service's credential. */
export const StartCheck = Schema.Union([
  Schema.Struct({ source: Source }),
  Schema.Struct({ service: Schema.String }),
])
export type StartCheck = typeof StartCheck.Type

/** So long a question for a check waits for its end at most. Seconds. */
export const checkWaitMost = 10
