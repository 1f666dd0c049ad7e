import { chown, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { GitUrl } from "@skypanel/contract/GitUrl"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine, fetcherId } from "./Confinement.ts"
import { proxyUrl } from "./EgressNamespace.ts"
import { closeAccess, type FetchAccess, openAccess, takenHostKeys } from "./GitAccess.ts"
import { addTreeEntry, explainFetch, fetchedCommit, type TreeSummary } from "./GitOutput.ts"

export const sourceFilesMax = 100_000
const fetchSeconds = 120
const outputBytes = 64 * 1024 * 1024

/**
 * Settings that no repository can change: no hook, no filter, no helper runs, nothing asks, and only the protocols
 * that a Git URL may have. Redirects are followed at the start (GitLab needs that): where they may lead is decided by
 * the egress proxy, through which everything goes.
 */
const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  "credential.helper=",
  "http.followRedirects=initial",
  "http.lowSpeedLimit=100",
  "http.lowSpeedTime=30",
  "transfer.fsckObjects=true",
  "fetch.fsck.zeroPaddedFilemode=ignore",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
].flatMap((setting) => ["-c", setting])

const environment = (allowHttp: boolean, certificates: string) => ({
  GIT_SSL_CAINFO: certificates,
  GIT_ALLOW_PROTOCOL: allowHttp ? "https:ssh:http" : "https:ssh",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_LFS_SKIP_SMUDGE: "1",
  GIT_ATTR_NOSYSTEM: "1",
  LC_ALL: "C",
  http_proxy: proxyUrl,
  https_proxy: proxyUrl,
})

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
  const allowed = space.assignment.access ?? null
  const git = (
    args: ReadonlyArray<string>,
    onLine: (stream: "stdout" | "stderr", line: string) => void,
    access: FetchAccess | null = null,
  ) =>
    runConfined(
      confine(
        space.host,
        {
          as: "fetcher",
          network: space.network.path,
          writable: [
            { from: repository, to: inside.repository },
            { from: folder, to: inside.source },
            ...(access?.writable ?? []),
          ],
          readable: [],
          scratchBytes: 16 * 1024 * 1024,
          fileBytes: space.assignment.limits.sourceBytes,
          addressBytes: space.group.bounded ? null : space.assignment.limits.memoryBytes,
          environment: {
            ...environment(url.protocol === "http", space.host.certificates),
            ...(access === null ? {} : { GIT_SSH_COMMAND: access.sshCommand }),
          },
        },
        [
          "git",
          `--git-dir=${inside.repository}`,
          `--work-tree=${inside.source}`,
          ...settings,
          ...(access?.settings ?? []),
          ...args,
        ],
      ),
      { group: space.group, seconds: fetchSeconds, outputBytes, onLine },
    )

  /** Whatever came of the fetch: what was for it alone is gone, and the host's key is known from now on. */
  const finish = async () => {
    space.sawHostKeys(await takenHostKeys(allowed, space.folder))
    await closeAccess(space.folder)
  }

  const fetch = Effect.fnUntraced(function* () {
    const lines: Array<string> = []
    const access = yield* Effect.promise(() => openAccess(url, allowed, space.folder))
    const ended = yield* git(
      ["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url.href, ref ?? "HEAD"],
      (_, line) => {
        if (lines.length < 200) lines.push(line)
      },
      access,
    ).pipe(Effect.onExit(() => Effect.promise(finish)))
    const events = space.egress.takeEvents()
    const commit = yield* Effect.promise(() =>
      readFile(join(repository, "FETCH_HEAD"), "utf8").then(fetchedCommit, () => null),
    )
    if (ended.exitCode === 0 && commit !== null) return commit
    const { sourceBytes } = space.assignment.limits
    return yield* explainFetch({
      url: url.href,
      ref,
      access: allowed?._tag ?? null,
      lines,
      events,
      stopped: ended.stopped,
      seconds: fetchSeconds,
      sourceBytes,
    })
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
