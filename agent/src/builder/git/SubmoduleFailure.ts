import { BuildFailed, buildFailed } from "../BuildFailed.ts"
import { explainFetch, type FailedFetch } from "./GitOutput.ts"

const isWithoutCommit = ({ lines }: FailedFetch) =>
  /not our ref|couldn't find remote ref|unadvertised object/i.test(lines.join("\n"))

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
