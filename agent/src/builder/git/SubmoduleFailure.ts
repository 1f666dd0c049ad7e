import { BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { Ended } from "../ConfinedProcess.ts"
import { explainFetch, type FailedFetch } from "./GitOutput.ts"

const isWithoutCommit = ({ lines }: FailedFetch) =>
  /not our ref|couldn't find remote ref|unadvertised object/i.test(lines.join("\n"))

export const modulesFile = (at: string): string =>
  `The file .gitmodules${at === "" ? "" : ` of the submodule ${at}`}`

/**
 * What keeps `.gitmodules` from being read; null: nothing. `git config` ends with 1 where it finds nothing, also in a
 * file that it cannot read, and with 0 where only what comes later cannot be read: what it said tells.
 */
export const explainModules = (
  at: string,
  { exitCode }: Ended,
  said: ReadonlyArray<string>,
): BuildFailed | null =>
  (exitCode === 0 || exitCode === 1) && !said.some((line) => /^(?:error|fatal): /.test(line))
    ? null
    : buildFailed(
        "source-refused",
        `${modulesFile(at)} cannot be read.`,
        "Correct it; `git config --file .gitmodules --list` says the same as the lines here.",
        { lines: said },
      )

/** What keeps a submodule from being fetched. `withheld`: the service has a credential, which is not for this one. */
export const explainSubmodule = (at: string, failed: FailedFetch, withheld: boolean): BuildFailed => {
  if (isWithoutCommit(failed))
    return buildFailed(
      "source-not-found",
      `The submodule ${at} stands at commit ${failed.ref?.slice(0, 10)}, which ${failed.url} does not have.`,
      "Push that commit to its repository, or have the submodule stand at one that is there.",
      { lines: failed.lines.slice(-10) },
    )
  const { failure } = explainFetch(failed)
  const asks = failed.access === null && /asks for credentials/.test(failure.title)
  return new BuildFailed({
    failure: {
      ...failure,
      title: `The submodule ${at} was not fetched: ${failure.title}`,
      ...(asks && { next: withheld ? withheldNext : nothingNext }),
    },
  })
}

const withheldNext =
  "The service's credential is for its own repository's host, an access token for repositories of the same owner there. Make the submodule public, or keep it there."
const nothingNext =
  "Check its URL in .gitmodules; for a private one give the service an access token that may read both."
