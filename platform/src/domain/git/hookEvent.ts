import type { HookProvider } from "@skypanel/contract/Repository"
import { Option, Schema } from "effect"
import { oneLine } from "../oneLine.ts"

export interface Push {
  readonly _tag: "push"
  /** As Git names it: `refs/heads/main`. Null: the sender does not say. */
  readonly ref: string | null
  readonly defaultBranch: string | null
  /** Null: the branch was deleted. */
  readonly revision: string | null
  readonly author: string | null
  /** What changed; null: that is not known, or not all of it. */
  readonly files: ReadonlyArray<string> | null
}

export type HookEvent =
  | Push
  | { readonly _tag: "ping" }
  | { readonly _tag: "other" }
  | { readonly _tag: "malformed" }

const none = /^0+$/
const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const Paths = optional(Schema.Array(Schema.String))

const Commit = Schema.Struct({
  author: optional(Schema.Struct({ name: optional(Schema.String) })),
  added: Paths,
  modified: Paths,
  removed: Paths,
})
const DefaultBranch = optional(Schema.Struct({ default_branch: optional(Schema.String) }))

/** What is read of a push of GitHub, GitLab, Gitea and Forgejo; they say the same in other places. */
const HostPush = Schema.Struct({
  ref: Schema.String,
  after: Schema.String,
  before: optional(Schema.String),
  forced: optional(Schema.Boolean),
  commits: optional(Schema.Array(Commit)),
  total_commits: optional(Schema.Number),
  total_commits_count: optional(Schema.Number),
  head_commit: optional(Commit),
  pusher: optional(Schema.Struct({ name: optional(Schema.String), username: optional(Schema.String) })),
  user_name: optional(Schema.String),
  repository: DefaultBranch,
  project: DefaultBranch,
})
type HostPush = typeof HostPush.Type

/** What any script can send: a commit, and what else it knows. */
const GenericPush = Schema.Struct({
  commit: Schema.String,
  ref: optional(Schema.String),
  author: optional(Schema.String),
  files: Paths,
})

/** GitHub names at most so many commits. */
const commitsMost = 2048

const filesOf = (push: HostPush): ReadonlyArray<string> | null => {
  const commits = push.commits ?? []
  const all = push.total_commits_count ?? push.total_commits ?? commits.length
  const isWhole = commits.length > 0 && commits.length >= all && commits.length < commitsMost
  // A new branch, or one that was put elsewhere, differs in more than its commits say.
  if (!isWhole || push.forced === true || none.test(push.before ?? "0")) return null
  return commits.flatMap((commit) => [
    ...(commit.added ?? []),
    ...(commit.modified ?? []),
    ...(commit.removed ?? []),
  ])
}

/** One line of characters that can be seen. */
const nameOf = (text: string | null | undefined): string | null => oneLine(text ?? "", 100) || null

/** Git allows no control character in one either; what is none is neither compared, shown nor kept. */
const isRef = (ref: string): boolean => ref.length <= 300 && !/[\p{Cc}\p{Cs}]/u.test(ref)

const readHostPush = (push: HostPush): HookEvent => {
  const defaultBranch = push.project?.default_branch ?? push.repository?.default_branch ?? null
  if (!commitPattern.test(push.after) || !isRef(push.ref) || !isRef(defaultBranch ?? ""))
    return { _tag: "malformed" }
  const newest = push.head_commit ?? push.commits?.at(-1)
  return {
    _tag: "push",
    ref: push.ref,
    defaultBranch,
    revision: none.test(push.after) ? null : push.after,
    author: nameOf(newest?.author?.name ?? push.user_name ?? push.pusher?.name ?? push.pusher?.username),
    files: filesOf(push),
  }
}

const readGenericPush = (push: typeof GenericPush.Type): HookEvent => {
  const ref = push.ref ?? null
  if (!commitPattern.test(push.commit) || none.test(push.commit) || !isRef(ref ?? ""))
    return { _tag: "malformed" }
  return {
    _tag: "push",
    ref: ref === null || ref.startsWith("refs/") ? ref : `refs/heads/${ref}`,
    defaultBranch: null,
    revision: push.commit,
    author: nameOf(push.author),
    files: push.files ?? null,
  }
}

const decodeHost = Schema.decodeUnknownOption(HostPush)
const decodeGeneric = Schema.decodeUnknownOption(GenericPush)
const malformed = (): HookEvent => ({ _tag: "malformed" })

/** What a delivery tells. It is signed, but still a stranger's: whatever does not fit is malformed. */
export const readHookEvent = (provider: HookProvider, event: string, payload: unknown): HookEvent => {
  if (event === "ping") return { _tag: "ping" }
  if (provider === "generic")
    return event === "push"
      ? Option.match(decodeGeneric(payload), { onNone: malformed, onSome: readGenericPush })
      : { _tag: "other" }
  const isPush = provider === "gitlab" ? /^(?:Tag )?Push Hook$/.test(event) : event === "push"
  if (!isPush) return { _tag: "other" }
  return Option.match(decodeHost(payload), { onNone: malformed, onSome: readHostPush })
}
