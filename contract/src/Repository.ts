import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

/** Looks like `*.md`, `apps/web/**` or `!docs/**`; the last one that fits a file decides, as in a `.gitignore`. */
export const PathPattern = Schema.String.check(
  Schema.isPattern(/^!?[^\s\\!][^\s\\]{0,199}$/, {
    message: "a path pattern looks like apps/web/** or !**/*.md, without spaces",
  }),
)

export const PathPatterns = Schema.Array(PathPattern).check(
  Schema.isMaxLength(50, { message: "at most 50 path patterns" }),
)

const plainText = { message: "only characters that can be seen, without spaces" }

/** What a customer gives once; it is never shown again. */
export const GiveToken = Schema.Struct({
  /** What the host expects beside a token; most take any name. */
  username: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[\x21-\x39\x3b-\x7e]{1,200}$/, plainText)),
  ),
  token: Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{8,2000}$/, plainText)),
})
export type GiveToken = typeof GiveToken.Type

/** How a service gets at a repository that is not public. What is secret of it is not among this. */
export const Credential = Schema.Struct({
  kind: Schema.Literals(["token", "deploy-key"]),
  /** The only place that it is sent to, such as `https://git.example.com`. */
  origin: Schema.String,
  username: Schema.NullOr(Schema.String),
  /** Of a deploy key: to be added to the repository, for reading. */
  publicKey: Schema.NullOr(Schema.String),
  createdBy: Schema.String,
  createdAt: Timestamp,
})
export type Credential = typeof Credential.Type

/** The key that an ssh host showed at the first fetch; a later fetch takes no other. */
export const HostKey = Schema.Struct({
  origin: Schema.String,
  /** Such as `ssh-ed25519`. */
  type: Schema.String,
  /** As `ssh-keygen -l` shows it: `SHA256:…`. */
  fingerprint: Schema.String,
  pinnedAt: Timestamp,
})
export type HostKey = typeof HostKey.Type

/** Where a Git host tells of pushes, so that they deploy by themselves. */
export const Hook = Schema.Struct({
  url: Schema.String,
  /** Only a push that changes a file of these deploys; empty: every push. */
  paths: PathPatterns,
  enabled: Schema.Boolean,
  createdBy: Schema.String,
  createdAt: Timestamp,
  /** When somebody last sent something that the secret had not signed. */
  refusedAt: Schema.NullOr(Timestamp),
})
export type Hook = typeof Hook.Type

/** A builder asks the repository's host every so often what commit the branch stands at; a new one deploys. */
export const Poll = Schema.Struct({
  minutes: Schema.Int,
  answeredAt: Schema.NullOr(Timestamp),
  /** What it stood at. */
  revision: Schema.NullOr(Schema.String),
  /** Why the last answer was none. */
  problem: Schema.NullOr(Schema.String),
})
export type Poll = typeof Poll.Type

export const ChangePoll = Schema.Struct({
  /** Null: it is not polled. */
  minutes: Schema.NullOr(
    Schema.Int.check(
      Schema.isBetween({ minimum: 1, maximum: 1440 }, { message: "from one minute to one day" }),
    ),
  ),
})
export type ChangePoll = typeof ChangePoll.Type

/** What connects a service to its Git repository. */
export const Repository = Schema.Struct({
  url: Schema.String,
  /** Null: the repository's default branch. */
  branch: Schema.NullOr(Schema.String),
  /** A deploy key is for ssh, an access token for https. */
  protocol: Schema.Literals(["https", "http", "ssh"]),
  credential: Schema.NullOr(Credential),
  hostKeys: Schema.Array(HostKey),
  hook: Schema.NullOr(Hook),
  poll: Schema.NullOr(Poll),
})
export type Repository = typeof Repository.Type

export const ChangeHook = Schema.Struct({
  paths: Schema.optionalKey(PathPatterns),
  enabled: Schema.optionalKey(Schema.Boolean),
})
export type ChangeHook = typeof ChangeHook.Type

/** The secret is in this one answer and in no other. */
export const MadeHook = Schema.Struct({ repository: Repository, secret: Schema.String })
export type MadeHook = typeof MadeHook.Type

export const HookProvider = Schema.Literals(["github", "gitlab", "gitea", "generic"])
export type HookProvider = typeof HookProvider.Type

/** What each is called, and the header that its signature is in. */
export const hookProviders: Record<HookProvider, { readonly title: string; readonly signature: string }> = {
  github: { title: "GitHub", signature: "X-Hub-Signature-256" },
  gitlab: { title: "GitLab", signature: "X-Gitlab-Token" },
  gitea: { title: "Gitea", signature: "X-Gitea-Signature" },
  generic: { title: "webhook", signature: "X-SkyPanel-Signature" },
}

/** What a Git host told, and what came of it. */
export const HookDelivery = Schema.Struct({
  at: Timestamp,
  provider: HookProvider,
  event: Schema.String,
  branch: Schema.NullOr(Schema.String),
  revision: Schema.NullOr(Schema.String),
  author: Schema.NullOr(Schema.String),
  outcome: Schema.Literals(["deployed", "ignored"]),
  /** One sentence. */
  reason: Schema.String,
  /** The number of the deployment that it started. */
  deployment: Schema.NullOr(Schema.Int),
})
export type HookDelivery = typeof HookDelivery.Type
