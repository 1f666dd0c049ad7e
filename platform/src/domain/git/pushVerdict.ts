import type { Push } from "./hookEvent.ts"
import { describeFiles, touches } from "./pathFilter.ts"

export interface Watched {
  /** What the service's source is: a branch, tag or commit; null: the default branch. */
  readonly ref: string | null
  readonly paths: ReadonlyArray<string>
}

const branches = "refs/heads/"

export const branchOf = (push: Push): string | null =>
  push.ref?.startsWith(branches) === true ? push.ref.slice(branches.length) : null

const branchReason = (watched: Watched, push: Push): string | null => {
  if (watched.ref !== null && /^[0-9a-f]{40,64}$/.test(watched.ref)) return "The service stays at one commit."
  // A sender that names no branch means the one that is deployed.
  if (push.ref === null) return null
  const branch = branchOf(push)
  if (branch === null) return "It is no branch that was pushed."
  const wanted = (watched.ref ?? push.defaultBranch)?.replace(/^refs\/heads\//, "")
  if (wanted === undefined) return "Which branch is the default one was not said: set the service's branch."
  return branch === wanted ? null : `Branch ${branch} was pushed, and ${wanted} is deployed.`
}

/** Why a push does not deploy; null: it does. */
export const whyNotDeployed = (watched: Watched, push: Push): string | null => {
  const reason = branchReason(watched, push)
  if (reason !== null) return reason
  if (push.revision === null) return "The branch was deleted."
  return watched.paths.length === 0 || push.files === null || touches(watched.paths, push.files)
    ? null
    : `Only ${describeFiles(push.files) || "nothing"} changed.`
}
