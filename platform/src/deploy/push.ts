import { text } from "node:stream/consumers"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { NotPossibleNow } from "@skypanel/contract/Errors"
import { type FolderRefused, sayRefused } from "@skypanel/contract/folder/FolderEntry"
import type { DeploymentId, ServiceId } from "@skypanel/contract/Id"
import { formatSize } from "@skypanel/contract/Resources"
import { withoutPort } from "@skypanel/contract/Service"
import { describeSource, type Source } from "@skypanel/contract/Source"
import { Effect } from "effect"
import type { Member } from "../auth/Auth.ts"
import { deployBranch, isAsBelieved, newBranches, planPush, type RefUpdate } from "../domain/gitPush.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { archiveCommit } from "../gitRemotes/archiveCommit.ts"
import { branchesOf } from "../gitRemotes/branches.ts"
import { describeCommit } from "../gitRemotes/describeCommit.ts"
import { branchesMax, repositoryBytesMax } from "../gitRemotes/git.ts"
import type { PushRequest } from "../gitRemotes/hook.ts"
import { Repositories } from "../gitRemotes/Repositories.ts"
import { type Commit, readCommit } from "../gitRemotes/readCommit.ts"
import { saveCommit } from "../store/Deployments.ts"
import { findService } from "../store/ServiceViews.ts"
import { followDeployment } from "./followDeployment.ts"
import { createService } from "./requests/create.ts"
import { updateService } from "./requests/update.ts"

export interface Push {
  readonly organization: Member
  /** Who pushes. */
  readonly user: string
  readonly service: string
  /** That the service has, or gets when it is not there yet. */
  readonly serviceId: ServiceId
  readonly repository: string
  readonly request: PushRequest
  /** A line for whoever pushes. */
  readonly say: (line: string) => void
}

const countOf = (files: number) => (files === 1 ? "1 file" : `${files} files`)

const explain = (failure: DeploymentFailure, say: Push["say"]) => {
  say(`✗ ${failure.title}`)
  const { location } = failure
  if (location !== null) say(`  at ${location.file}, line ${location.line}, column ${location.column}`)
  for (const line of failure.detail.split("\n").filter(Boolean)) say(`  ${line}`)
  for (const line of failure.lines) say(`  │ ${line}`)
  if (failure.next !== "") say(`  Next: ${failure.next}`)
}

const branchCount = (repository: string) =>
  Effect.promise(async () => (await branchesOf(repository, "refs/heads", branchesMax)).length)

const kindOf = (commit: Commit) =>
  Effect.tryPromise({
    try: async () =>
      (await text(readCommit(commit, ["cat-file", "-t"], new AbortController().signal))).trim(),
    catch: (cause) => cause as FolderRefused,
  })

/** Who wrote it and what about, for the build's history; a deployment goes on without. */
const noteCommit = ({ organization, repository, request }: Push, id: DeploymentId, commit: string) =>
  Effect.gen(function* () {
    const described = yield* Effect.tryPromise(() =>
      describeCommit({ repository, quarantine: request.quarantine, commit }),
    )
    yield* saveCommit(organization.id, id, described)
  }).pipe(Effect.catchCause((cause) => Effect.logWarning("a pushed commit is not described", cause)))

/** The commit's files as a source that the platform keeps. */
const sourceOf = Effect.fnUntraced(function* (push: Push, commit: string) {
  const folders = yield* FolderStore
  let submodules = false
  const { repository, request } = push
  const archive = archiveCommit({ repository, quarantine: request.quarantine, commit }, (path) => {
    if (path === ".gitmodules") submodules = true
  })
  const folder = yield* folders.receive(push.organization.id, null, archive)
  if (submodules) {
    push.say("Submodules are no part of a push: their folders are empty.")
    push.say(`To have them: skypanel deploy ${push.service} --git URL --submodules, or --dir .`)
  }
  return { _tag: "folder", ...folder, origin: "push", revision: commit } satisfies Source
})

/** The push's service; null: it is created by it. Another push may have created one meanwhile. */
const serviceOf = Effect.fnUntraced(function* ({ organization, service, serviceId }: Push) {
  const found = yield* findService(organization.id, service)
  if (found !== null && found.id !== serviceId)
    return yield* new NotPossibleNow({
      message: `The service ${service} was created while this push was under way.`,
      next: "Push again.",
    })
  return found
})

/**
 * Git itself looks at a branch only after the hook, when what was pushed to it is live. It takes nothing but commits, and
 * only what follows on what the branch stands at.
 */
const checkMain = Effect.fnUntraced(function* (push: Push, main: RefUpdate) {
  const { repository, request, service } = push
  const kind = yield* kindOf({ repository, quarantine: request.quarantine, commit: main.after })
  if (kind !== "commit")
    return yield* new NotPossibleNow({
      message: `${deployBranch} of ${service} can only be a commit, and this is a ${kind}.`,
      next: `Push the commit itself: git push skypanel 'NAME^{commit}:${deployBranch}'`,
    })
  const [now = null] = yield* Effect.promise(() => branchesOf(repository, `refs/heads/${deployBranch}`, 1))
  if (!isAsBelieved(main, now))
    return yield* new NotPossibleNow({
      message: `${deployBranch} of ${service} has moved since this push began: another one was taken.`,
      next: "Fetch it, git fetch skypanel, and push again.",
    })
})

/** Starts the deployment; a service that is not there is created with it. */
const start = Effect.fnUntraced(function* (push: Push, source: Source) {
  const { organization, user, service: name, say } = push
  const before = yield* serviceOf(push)
  if (before === null) {
    say(`${name} is new: it is created.`)
    return yield* createService(organization, user, { name, source }, push.serviceId)
  }
  const pushed = before.source._tag === "folder" && before.source.origin === "push"
  if (!pushed)
    say(`${name} was made from ${describeSource(before.source)} until now; from here on from what is pushed.`)
  return yield* updateService(organization, user, name, { source })
})

const deploy = Effect.fnUntraced(function* (push: Push, main: RefUpdate) {
  const { organization, service, say } = push
  const commit = main.after
  const source = yield* sourceOf(push, commit)
  yield* checkMain(push, main)
  const deployment = yield* start(push, source)
  yield* noteCommit(push, deployment.id, commit)
  say(
    `Deployment ${deployment.number} of ${service}: commit ${commit.slice(0, 10)}, ${countOf(source.files)}, ${formatSize(source.bytes)}`,
  )
  const ended = yield* followDeployment(organization.id, deployment.id, say)
  const now = yield* findService(organization.id, service)
  if (ended.status === "live") {
    say(
      ended.unchanged
        ? `✓ nothing changed: release ${ended.release ?? ""} of ${service} serves already`
        : `✓ release ${ended.release ?? ""} of ${service} is live`,
    )
    if (now !== null) say(`  ${now.url ?? `It ${withoutPort}`}`)
    return true
  }
  if (ended.failure === null) say(`✗ ${service} was deleted meanwhile.`)
  else explain(ended.failure, say)
  if (now !== null && now.release !== null) say(`  Release ${now.release} serves as before.`)
  return false
})

/**
 * Decides on a push that has arrived, before any of its branches moves: deploys what was pushed to the deploy branch,
 * shows how that goes, and gives whether the push is taken.
 */
export const takePush = (push: Push) =>
  Effect.gen(function* () {
    const { service, say, request } = push
    const exists = (yield* serviceOf(push)) !== null
    const plan = planPush(service, exists, request.updates)
    for (const line of plan.lines) say(line)
    if (plan._tag === "refused") return false
    const repositories = yield* Repositories
    if ((yield* repositories.bytesOf(push.repository)) > repositoryBytesMax) {
      say(
        `✗ The repository of ${service} takes ${formatSize(repositoryBytesMax)} here, which is all that it may.`,
      )
      say(
        `  Next: deploy the folder as it is, skypanel deploy ${service} --dir ., or push to another service.`,
      )
      return false
    }
    const added = newBranches(request.updates)
    if (added > 0 && (yield* branchCount(push.repository)) + added > branchesMax) {
      say(`✗ The repository of ${service} would have more than ${branchesMax} branches.`)
      say("  Next: delete some, git push skypanel --delete NAME, or push fewer.")
      return false
    }
    if (plan._tag === "stored") return true
    return yield* deploy(push, plan.main)
  }).pipe(
    Effect.catchTags({
      FolderRefused: (refused) =>
        Effect.sync(() => {
          push.say(`✗ These files cannot be deployed: ${sayRefused(refused)}.`)
          return false
        }),
      StorageFull: () =>
        Effect.andThen(
          Effect.logError("a push was refused: the disk is full"),
          Effect.sync(() => {
            push.say("✗ The platform has no room for it. Tell an administrator.")
            return false
          }),
        ),
    }),
    Effect.catch((error) =>
      Effect.gen(function* () {
        if ("next" in error) {
          push.say(`✗ ${error.message}`)
          push.say(`  Next: ${error.next}`)
        } else {
          yield* Effect.logError("a push failed", error)
          push.say("✗ The platform could not take it. Push again; if it stays so, tell an administrator.")
        }
        return false
      }),
    ),
  )
