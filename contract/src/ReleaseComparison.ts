import { Schema } from "effect"

/** What is in a release's closure, the store paths of one name and version together. */
export const ReleasePackage = Schema.Struct({
  name: Schema.String,
  /** Null: its store path names none. */
  version: Schema.NullOr(Schema.String),
  /** Of its files, without what they refer to. */
  bytes: Schema.Int,
  paths: Schema.Int,
})
export type ReleasePackage = typeof ReleasePackage.Type

export const ReleasePackages = Schema.Struct({
  release: Schema.Int,
  /** Of the whole closure. */
  bytes: Schema.Int,
  /** Sorted by name and version. */
  packages: Schema.Array(ReleasePackage),
})
export type ReleasePackages = typeof ReleasePackages.Type

/** A package on one side of a comparison; more than one version when the closure has them. */
const Side = Schema.Struct({ versions: Schema.Array(Schema.NullOr(Schema.String)), bytes: Schema.Int })

/** Of a package that is only on one side, the other is null. */
export const PackageChange = Schema.Struct({
  name: Schema.String,
  before: Schema.NullOr(Side),
  after: Schema.NullOr(Side),
})
export type PackageChange = typeof PackageChange.Type

export const configurationFields = [
  "environment",
  "secret",
  "cpu",
  "memory",
  "storage",
  "port",
  "health path",
  "replicas",
  "volume",
  "source",
  "revision",
] as const

/** Both in words for people; null: there was, or is, none. */
export const ConfigurationChange = Schema.Struct({
  field: Schema.Literals(configurationFields),
  /** Of the environment's variable, or the secret one; of that only the versions are told. */
  variable: Schema.NullOr(Schema.String),
  before: Schema.NullOr(Schema.String),
  after: Schema.NullOr(Schema.String),
})
export type ConfigurationChange = typeof ConfigurationChange.Type

export const ReleaseComparison = Schema.Struct({
  before: Schema.Int,
  after: Schema.Int,
  configuration: Schema.Array(ConfigurationChange),
  /** Null when the store no longer has the closure of one of them. */
  closure: Schema.NullOr(
    Schema.Struct({
      bytesBefore: Schema.Int,
      bytesAfter: Schema.Int,
      /** Sorted by name. */
      packages: Schema.Array(PackageChange),
      /** Packages built anew that have the same version and size. */
      rebuilt: Schema.Int,
    }),
  ),
})
export type ReleaseComparison = typeof ReleaseComparison.Type
