import { formatSize } from "@skypanel/contract/Resources"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import { asksForCredentials, explainFetch, type FailedFetch } from "./GitOutput.ts"

/** Reads what git-lfs 3.3 and newer says (with `LANG=C`). */
export const explainLfs = (failed: FailedFetch, bytes: number): BuildFailed => {
  const text = failed.lines.join("\n")
  const more = { lines: failed.lines.filter((line) => !/^(?:fetch|warning):|^\s*$/.test(line)).slice(-10) }
  const events = failed.events.map(({ _tag }) => _tag)
  if (events.includes("limit") || failed.stopped === "asked")
    return buildFailed(
      "source-refused",
      `The repository's LFS files are larger than they say, or than ${formatSize(failed.sourceBytes)} with all else.`,
      `They say ${formatSize(bytes)}: keep them smaller, or deploy without LFS.`,
      more,
    )
  const missing = /\[([0-9a-f]{64})\] Object does not exist on the server|object not found|\[404\]/i
  if (missing.test(text))
    return buildFailed(
      "source-not-found",
      `The LFS server at ${failed.url} does not have a file that the commit points to.`,
      "Push it: git lfs push --all, then deploy again.",
      more,
    )
  if (/data quota|rate limit|over quota|\b429\b|\b507\b|\b509\b/i.test(text))
    return buildFailed(
      "source-not-found",
      `The LFS server at ${failed.url} gives no more at the moment: a quota is used up.`,
      "Look at the quota of Git LFS at your Git host, then deploy again.",
      more,
    )
  if (
    events.length === 0 &&
    failed.stopped === null &&
    failed.certificate === null &&
    !asksForCredentials(text)
  )
    return buildFailed(
      "source-not-found",
      `The LFS server at ${failed.url} does not give the files.`,
      "The lines show what git-lfs said. Does the repository keep them there?",
      more,
    )
  const { failure } = explainFetch(failed)
  return buildFailed(failure.code, `The LFS files were not fetched: ${failure.title}`, failure.next, {
    ...more,
    detail: failure.detail,
  })
}
