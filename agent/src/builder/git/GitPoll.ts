import { parseGitUrl } from "@skypanel/contract/GitUrl"
import { Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { askRemote } from "./GitCommand.ts"
import { explainFetch, fetchedCommit } from "./GitOutput.ts"

const seconds = 20
/** A host may list all its branches first. */
const bytesMost = 64 * 1024 * 1024

const refused = (reason: string) =>
  buildFailed(
    "source-refused",
    `The repository cannot be polled: ${reason}.`,
    "Use an https:// or ssh:// URL of a public repository.",
  )

/** The commit that the source's branch stands at: nothing is fetched. */
export const pollGit = (space: BuildSpace): Effect.Effect<string, BuildFailed> =>
  Effect.gen(function* () {
    const { source } = space.assignment
    if (source._tag !== "git") return yield* refused("the source is no Git repository")
    const url = parseGitUrl(source.url, { allowPrivate: space.config.allowPrivateGit })
    if (Result.isFailure(url)) return yield* refused(url.failure.reason)
    const { ref } = source
    const wanted = ref === null ? "HEAD" : `refs/heads/${ref.replace(/^refs\/heads\//, "")}`
    const args = ["ls-remote", "--", url.success.href, wanted]
    const remote = { url: url.success, access: space.assignment.access ?? null }
    const { ended, output, failed } = yield* askRemote(
      space,
      { remote, ref, receivedMax: bytesMost, writable: [], seconds },
      args,
    )
    if (ended.exitCode !== 0) return yield* explainFetch(failed)
    const commit = output.flatMap((line) => (line.endsWith(`\t${wanted}`) ? (fetchedCommit(line) ?? []) : []))
    return (
      commit[0] ??
      (yield* buildFailed(
        "source-not-found",
        ref === null ? "The repository is empty." : `The repository has no branch “${ref}”.`,
        "Check the service's branch.",
      ))
    )
  })
