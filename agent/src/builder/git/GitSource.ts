import { chown, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { GitUrl } from "@skypanel/contract/GitUrl"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { fetcherId } from "../Confinement.ts"
import { askRemote, runGit } from "./GitCommand.ts"
import { addTreeEntry, describedCommit, fetchedCommit, type TreeSummary } from "./GitOutput.ts"

export const sourceFilesMax = 100_000
/** Somebody waits for a check, and others for its place: a slow host may not hold it for as long as a build's. */
const checkFetchSeconds = 20
/** Where git sees its folders. */
const inside = { repository: "/repository", source: "/source" }

export interface FetchedSource {
  readonly folder: string
  readonly commit: string
}

/**
 * Fetches one commit, depth 1, into `space.folder`/source; its repository is beside it, not in it, and is removed.
 * The commit's files are counted before any is written.
 */
export const fetchGit = (
  space: BuildSpace,
  url: GitUrl,
  ref: string | null,
): Effect.Effect<FetchedSource, BuildFailed> => {
  const repository = join(space.folder, "git")
  const folder = join(space.folder, "source")
  const writable = [
    { from: repository, to: inside.repository },
    { from: folder, to: inside.source },
  ]
  const folders = [`--git-dir=${inside.repository}`, `--work-tree=${inside.source}`]
  const git = (args: ReadonlyArray<string>, onLine: (stream: "stdout" | "stderr", line: string) => void) =>
    runGit(space, url, [...folders, ...args], onLine, { writable })

  const fetch = Effect.fnUntraced(function* () {
    const args = ["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url.href, ref ?? "HEAD"]
    const { ended, explain } = yield* askRemote(space, url, ref, [...folders, ...args], {
      writable,
      ...(space.assignment.check === true ? { seconds: checkFetchSeconds } : {}),
    })
    const commit = yield* Effect.promise(() =>
      readFile(join(repository, "FETCH_HEAD"), "utf8").then(fetchedCommit, () => null),
    )
    return ended.exitCode === 0 && commit !== null ? commit : yield* explain()
  })

  /** Who wrote it, and what they say of it; that it cannot be read ends no build. */
  const describe = Effect.fnUntraced(function* (commit: string) {
    const lines: Array<string> = []
    yield* git(["log", "--max-count=1", "--encoding=UTF-8", "--format=%an%n%s", commit], (stream, line) => {
      if (stream === "stdout" && lines.length < 2) lines.push(line)
    })
    space.sawCommit(describedCommit(commit, lines))
  })

  const measure = Effect.fnUntraced(function* (commit: string) {
    let summary: TreeSummary = { files: 0, bytes: 0, submodules: [] }
    yield* git(["ls-tree", "-r", "-l", commit], (stream, line) => {
      if (stream === "stdout") summary = addTreeEntry(summary, line)
    })
    const { sourceBytes } = space.assignment.limits
    if (summary.files > sourceFilesMax || summary.bytes > sourceBytes)
      return yield* buildFailed(
        "source-refused",
        `The repository is too large: ${summary.files} files, ${formatSize(summary.bytes)}.`,
        `Keep it below ${sourceFilesMax} files and ${formatSize(sourceBytes)}.`,
      )
    if (summary.submodules.length > 0)
      space.note(`submodules are not fetched: ${summary.submodules.join(", ")}`)
    return summary
  })

  return Effect.gen(function* () {
    yield* Effect.promise(async () => {
      await rm(repository, { recursive: true, force: true })
      await rm(folder, { recursive: true, force: true })
      for (const path of [repository, folder, join(repository, "objects"), join(repository, "refs")]) {
        await mkdir(path)
        await chown(path, fetcherId, fetcherId)
      }
      // What `git init` would write, without starting it.
      await writeFile(join(repository, "HEAD"), "ref: refs/heads/none\n")
      await writeFile(join(repository, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
    })
    const commit = yield* fetch()
    yield* describe(commit)
    const summary = yield* measure(commit)
    const lines: Array<string> = []
    const ended = yield* git(["checkout", "--quiet", "--force", "--detach", commit], (_, line) => {
      if (lines.length < 20) lines.push(line)
    })
    if (ended.exitCode !== 0)
      return yield* buildFailed(
        "source-refused",
        "The repository's files could not be written.",
        "Check it with `git fsck`; the lines show what Git said.",
        { lines },
      )
    yield* Effect.promise(() => rm(repository, { recursive: true, force: true }))
    space.note(`fetched commit ${commit} (${summary.files} files, ${formatSize(summary.bytes)})`)
    return { folder, commit }
  })
}
