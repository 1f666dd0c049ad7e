import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { configFile, explainConfig } from "./ConfigFailure.ts"
import {
  addTreeEntry,
  countFiles,
  describedCommit,
  emptyTree,
  explainFetch,
  fetchedCommit,
} from "./GitOutput.ts"
import { fetchLfsFiles } from "./LfsFiles.ts"
import { type SourceBudget, sourceFilesMost } from "./SourceBudget.ts"
import { explainSubmodule } from "./SubmoduleFailure.ts"
import { type Gitlink, modulesBytesMost, moduleUrls, type Remote } from "./Submodules.ts"
import { closeWorkingCopy, openWorkingCopy, type WorkingCopy } from "./WorkingCopy.ts"

export interface Wanted {
  readonly remote: Remote
  /** Branch, tag or commit; null: what the host says. */
  readonly ref: string | null
  /** Below the source: a submodule's path, or empty. */
  readonly at: string
  readonly submodules: boolean
  readonly lfs: boolean
}

export interface FetchedRepository {
  readonly commit: string
  /** With what its host showed. */
  readonly remote: Remote
  readonly submodules: ReadonlyArray<Gitlink>
  /** Where `.gitmodules` says that they are, by path. */
  readonly urls: ReadonlyMap<string, string>
}

const tooSlow = () =>
  buildFailed(
    "source-not-found",
    "The source with its submodules was not fetched in time.",
    "Try again; if it stays so, a host is slow or there is too much.",
  )

const fetchCommit = (space: BuildSpace, copy: WorkingCopy, { ref }: Wanted, budget: SourceBudget) =>
  Effect.gen(function* () {
    if (budget.seconds === 0) return yield* tooSlow()
    const { remote, at, repository } = copy
    const { ended, failed, hostKeys } = yield* copy.ask(
      { remote, ref, receivedMax: budget.bytesLeft, seconds: budget.seconds },
      ["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", remote.url.href, ref ?? "HEAD"],
    )
    const commit = yield* Effect.promise(() =>
      readFile(join(repository, "FETCH_HEAD"), "utf8").then(fetchedCommit, () => null),
    )
    if (ended.exitCode !== 0 || commit === null)
      return yield* at === ""
        ? explainFetch(failed)
        : explainSubmodule(at, failed, (space.assignment.access ?? null) !== null)
    return { commit, hostKeys }
  })

/** Who wrote it, and what they say of it; that it cannot be read ends no build. */
const describe = (copy: WorkingCopy, commit: string) =>
  Effect.map(
    copy.lines(["log", "--max-count=1", "--encoding=UTF-8", "--format=%an%n%s", commit], 2),
    (lines) => describedCommit(commit, lines),
  )

/** What is in the commit, which is counted before any of it is written. */
const measure = (copy: WorkingCopy, commit: string, budget: SourceBudget) =>
  Effect.gen(function* () {
    let summary = emptyTree
    yield* copy.git(["ls-tree", "-r", "-l", commit], (stream, line) => {
      if (stream === "stdout") summary = addTreeEntry(summary, line)
    })
    if (!budget.take(summary.files, summary.bytes))
      return yield* buildFailed(
        "source-refused",
        `The repository is too large${copy.at === "" ? "" : ` with its submodules`}: ${countFiles(budget.files)}, ${formatSize(budget.bytes)}.`,
        `Keep it below ${sourceFilesMost} files and ${formatSize(budget.bytesMost)}.`,
      )
    return summary
  })

const readUrls = (copy: WorkingCopy, commit: string, modulesBytes: number) =>
  Effect.gen(function* () {
    if (modulesBytes === 0) return moduleUrls("")
    if (modulesBytes > modulesBytesMost)
      return yield* buildFailed(
        "source-refused",
        `${configFile(".gitmodules", copy.at)} is larger than ${formatSize(modulesBytesMost)}.`,
        "Keep it smaller.",
      )
    const keys = "^submodule\\..*\\.(path|url)$"
    const args = ["config", `--blob=${commit}:.gitmodules`, "--null", "--get-regexp", keys]
    const [lines, said]: [Array<string>, Array<string>] = [[], []]
    const ended = yield* copy.git(args, (stream, line) => {
      if (stream === "stdout" && lines.length < 10_000) lines.push(line)
      if (stream === "stderr" && said.length < 20) said.push(line)
    })
    const unreadable = explainConfig(".gitmodules", copy.at, ended, said)
    if (unreadable !== null) return yield* unreadable
    return moduleUrls(lines.join("\n"))
  })

const checkOut = (copy: WorkingCopy, commit: string) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const ended = yield* copy.git(["checkout", "--quiet", "--force", "--detach", commit], (_, line) => {
      if (lines.length < 20) lines.push(line)
    })
    if (ended.exitCode !== 0)
      return yield* buildFailed(
        "source-refused",
        `The files of ${copy.at === "" ? "the repository" : `the submodule ${copy.at}`} could not be written.`,
        "Check it with `git fsck`; the lines show what Git said.",
        { lines },
      )
  })

/** Fetches one commit, depth 1, to its place below the source. What git itself keeps of it is gone afterwards. */
export const fetchRepository = (
  space: BuildSpace,
  wanted: Wanted,
  budget: SourceBudget,
): Effect.Effect<FetchedRepository, BuildFailed> =>
  Effect.gen(function* () {
    const { remote, at } = wanted
    const copy = yield* openWorkingCopy(space, remote, at)
    const { commit, hostKeys } = yield* fetchCommit(space, copy, wanted, budget)
    if (at === "") space.sawCommit(yield* describe(copy, commit))
    const { files, bytes, submodules, modulesBytes } = yield* measure(copy, commit, budget)
    yield* checkOut(copy, commit)
    const what = at === "" ? `commit ${commit}` : `submodule ${at} at ${commit.slice(0, 10)}`
    space.note(`fetched ${what} (${countFiles(files)}, ${formatSize(bytes)})`)
    const { access } = remote
    const known: Remote =
      access?._tag === "key" && hostKeys.length > 0
        ? { ...remote, access: { ...access, knownHosts: hostKeys } }
        : remote
    if (wanted.lfs) yield* fetchLfsFiles(space, { ...copy, remote: known }, commit, budget)
    const urls =
      wanted.submodules && submodules.length > 0 ? yield* readUrls(copy, commit, modulesBytes) : new Map()
    yield* closeWorkingCopy(copy)
    return { commit, remote: known, submodules, urls }
  })
