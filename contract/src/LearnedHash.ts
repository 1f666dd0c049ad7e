import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

/**
 * What may be fetched without a hash of it being known.
 * - `go-modules`: all that a go.sum names
 * - `yarn-archive`: a package of which Yarn 3 and 4 keep no checksum
 */
export const LearnedKind = Schema.Literals(["go-modules", "yarn-archive"])
export type LearnedKind = typeof LearnedKind.Type

/** The SHA-256 of what the lock file says: as long as that is the same, so is what is fetched by it. */
export const LockDigest = Schema.String.check(
  Schema.isPattern(/^sha256:[0-9a-f]{64}$/, {
    message: "a digest looks like sha256: and 64 hexadecimal digits",
  }),
)

/** A hash of dependencies that their lock file does not have: taken from what was fetched first, and held to. */
export const LearnedHash = Schema.Struct({
  kind: LearnedKind,
  /** For people: `go.sum`, or `@esbuild/linux-x64 0.25.0`. */
  subject: Schema.String.check(Schema.isMaxLength(400)),
  lock: LockDigest,
  /** As Nix writes it. */
  hash: Schema.String.check(Schema.isPattern(/^sha(?:256-[A-Za-z0-9+/]{43}=|512-[A-Za-z0-9+/]{86}==)$/)),
})
export type LearnedHash = typeof LearnedHash.Type

/** Of a service so many are kept, those that were used last. */
export const learnedHashesMost = 200

/** One build uses at most so many. */
export const learnedHashesPerBuild = 100

/** One that a service's builds are held to. */
export const KnownHash = Schema.Struct({
  ...LearnedHash.fields,
  /** The deployment whose build learned it; null: it is gone. */
  deployment: Schema.NullOr(Schema.Int),
  learnedAt: Timestamp,
  /** When a build last began that uses it. */
  usedAt: Timestamp,
})
export type KnownHash = typeof KnownHash.Type

/** One that a build used. */
export const UsedHash = Schema.Struct({
  ...LearnedHash.fields,
  /** Whether this build was the first. */
  learned: Schema.Boolean,
})
export type UsedHash = typeof UsedHash.Type
