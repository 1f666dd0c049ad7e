import { Schema } from "effect"
import { PackagePlan } from "./Check.ts"
import { DeploymentFailure } from "./Deployment.ts"
import { BuildId, OrganizationId, ServiceId } from "./Id.ts"
import { LearnedHash, learnedHashesMost, learnedHashesPerBuild } from "./LearnedHash.ts"
import { registriesMost } from "./RegistryCredential.ts"
import { Source } from "./Source.ts"
import { OptionValue } from "./TemplateOptions.ts"

/* What a builder is told of a build, and what it says of it. */

/**
 * What one fetch may use to get at a repository that is not public. It is for the host of the build's source and for
 * nobody else, and is kept nowhere.
 */
export const SourceAccess = Schema.Union([
  Schema.TaggedStruct("token", { username: Schema.String, token: Schema.String }),
  Schema.TaggedStruct("key", {
    /** As OpenSSH writes it. */
    privateKey: Schema.String,
    /** Lines of a known_hosts file, and no other key is taken; empty: the key that the host shows is, and is reported. */
    knownHosts: Schema.Array(Schema.String),
  }),
])
export type SourceAccess = typeof SourceAccess.Type

/** What BuildKit may use to get at base images of one registry, such as `ghcr.io`. It goes to that registry alone. */
export const RegistryAccess = Schema.Struct({
  registry: Schema.String,
  username: Schema.String,
  password: Schema.String,
})
export type RegistryAccess = typeof RegistryAccess.Type

/** A build that the worker shall carry out. Known ids are not started again. */
export const BuildAssignment = Schema.Struct({
  id: BuildId,
  organizationId: OrganizationId,
  /** What a builder keeps of it is for this service alone. Left out: it keeps nothing. */
  serviceId: Schema.optionalKey(ServiceId),
  serviceName: Schema.String,
  source: Source,
  /** What an expression that is a template's gets as `options`. */
  options: Schema.optionalKey(Schema.Record(Schema.String, Schema.NullOr(OptionValue))),
  /** Null, or not there: the repository is public. */
  access: Schema.optionalKey(Schema.NullOr(SourceAccess)),
  /** The organization's, for a Dockerfile's base images: which it names is known once it is read. Left out: none. */
  registries: Schema.optionalKey(Schema.Array(RegistryAccess).check(Schema.isMaxLength(registriesMost))),
  /** Only what commit the source's branch stands at is wanted: nothing is fetched or built. */
  poll: Schema.optionalKey(Schema.Boolean),
  /** Only what the source resolves to is wanted: it is evaluated, and nothing is built. */
  check: Schema.optionalKey(Schema.Boolean),
  /** Where `nix copy --to` uploads to: path and query on the control plane, with a token of this build's own. */
  uploadPath: Schema.String,
  /**
   * Keys that sign what is in the platform's binary cache, which the build takes from what its organization, or
   * everybody, may have: with the same token. Left out: it takes nothing from there.
   */
  cachePublicKeys: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Hashes that earlier builds of the service have learned, which this one is held to. Left out: none. */
  learned: Schema.optionalKey(Schema.Array(LearnedHash).check(Schema.isMaxLength(learnedHashesMost))),
  /** Where a folder's archive is, with the same token; not there: the source is none. */
  folderPath: Schema.optionalKey(Schema.String),
  limits: Schema.Struct({
    evaluationSeconds: Schema.Int,
    buildSeconds: Schema.Int,
    memoryBytes: Schema.Int,
    logBytes: Schema.Int,
    sourceBytes: Schema.Int,
    /** Of an image's layers, as they are fetched; left out: 4 GiB. */
    imageBytes: Schema.optionalKey(Schema.Int),
  }),
  /** The build shall end now. */
  canceled: Schema.Boolean,
})
export type BuildAssignment = typeof BuildAssignment.Type

export const BuildResult = Schema.Struct({
  storePath: Schema.String,
  /** It is an image of blobs, and the store path its listing; left out: an image is to be made of the closure. */
  image: Schema.optionalKey(
    Schema.Struct({
      /** The port that it says it listens on. */
      port: Schema.NullOr(Schema.Int),
    }),
  ),
  /** What it starts listens on no port, unless somebody says one. */
  portless: Schema.optionalKey(Schema.Boolean),
  /** The command that starts it: an absolute path in the closure, and arguments. Of an image: none, it has its own. */
  command: Schema.Array(Schema.String),
  revision: Schema.NullOr(Schema.String),
  recognisedAs: Schema.String,
  closureBytes: Schema.Int,
  closurePaths: Schema.Int,
})
export type BuildResult = typeof BuildResult.Type

/** Of a commit's author or subject so much is kept at most, in UTF-16's units; a character takes one or two. */
export const commitTextMax = 400

/** The commit that was fetched; author and subject are one line each, as the builder has read them. */
export const FetchedCommit = Schema.Struct({
  revision: Schema.String.check(Schema.isPattern(/^[0-9a-f]{40,64}$/)),
  author: Schema.String.check(Schema.isMaxLength(commitTextMax)),
  subject: Schema.String.check(Schema.isMaxLength(commitTextMax)),
})
export type FetchedCommit = typeof FetchedCommit.Type

export const BuildObserved = Schema.Struct({
  id: BuildId,
  phase: Schema.Literals([
    "waiting",
    "fetching",
    "evaluating",
    "building",
    "uploading",
    "succeeded",
    "failed",
  ]),
  result: Schema.NullOr(BuildResult),
  failure: Schema.NullOr(DeploymentFailure),
  /** Of a poll: the commit that the branch stands at, or the digest that the image's tag leads to. */
  revision: Schema.optionalKey(
    Schema.NullOr(Schema.String.check(Schema.isPattern(/^(?:[0-9a-f]{40,64}|sha256:[0-9a-f]{64})$/))),
  ),
  /** Of a check: what the source resolves to. */
  plan: Schema.optionalKey(Schema.NullOr(PackagePlan)),
  /** Of a Git source, once it is fetched. */
  commit: Schema.optionalKey(Schema.NullOr(FetchedCommit)),
  /** The keys that the source's host showed, as in a known_hosts file, where none was known. */
  hostKeys: Schema.optionalKey(
    Schema.Array(Schema.String.check(Schema.isMaxLength(2048))).check(Schema.isMaxLength(8)),
  ),
  /** Hashes of what it uses that no lock file has: those that it was given, and those that it has learned. */
  learned: Schema.optionalKey(Schema.Array(LearnedHash).check(Schema.isMaxLength(learnedHashesPerBuild))),
  /** The last line it has logged; its end is stored when the platform has that one. */
  logSeq: Schema.Int,
})
export type BuildObserved = typeof BuildObserved.Type
