import { lstat } from "node:fs/promises"
import { join } from "node:path"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { diskWatch } from "../DiskWatch.ts"
import { hasProgram } from "../Programs.ts"
import { explainConfig } from "./ConfigFailure.ts"
import { countFiles } from "./GitOutput.ts"
import { explainLfs } from "./LfsFailure.ts"
import { findPointers, type LfsPointer, named } from "./LfsPointer.ts"
import { lfsRemote, readLfsConfig } from "./LfsUrl.ts"
import type { SourceBudget } from "./SourceBudget.ts"
import type { WorkingCopy } from "./WorkingCopy.ts"

/** It has no configuration but ours: no file, no agent of the repository's own, no way in by ssh alone. */
const settings = [
  "filter.lfs.smudge=git-lfs smudge -- %f",
  "filter.lfs.clean=git-lfs clean -- %f",
  "filter.lfs.process=git-lfs filter-process",
  "filter.lfs.required=true",
  "lfs.basictransfersonly=true",
  "lfs.sshtransfer=never",
  "lfs.concurrenttransfers=4",
  "lfs.transfer.maxretries=3",
  "lfs.dialtimeout=20",
  "lfs.tlstimeout=20",
  "lfs.activitytimeout=30",
].flatMap((setting) => ["-c", setting])

/** Questions and answers, beside the files themselves. */
const talkBytes = (files: number) => 1024 * 1024 + files * 4096

const sizeOf = (pointers: ReadonlyArray<LfsPointer>) => pointers.reduce((sum, { bytes }) => sum + bytes, 0)

const configKeys = "^lfs\\.(url|fetchinclude|fetchexclude)$"

/** As the commit has it; git-lfs goes on without what it cannot read. */
const readConfig = (copy: WorkingCopy, commit: string) =>
  Effect.gen(function* () {
    const found = yield* Effect.promise(() => lstat(join(copy.folder, ".lfsconfig")).catch(() => null))
    if (found === null || found.isDirectory()) return readLfsConfig("")
    const [lines, said]: [Array<string>, Array<string>] = [[], []]
    const ended = yield* copy.git(
      ["config", `--blob=${commit}:.lfsconfig`, "--null", "--get-regexp", configKeys],
      (stream, line) => {
        if (stream === "stdout" && lines.length < 100) lines.push(line)
        if (stream === "stderr" && said.length < 20) said.push(line)
      },
    )
    const unreadable = explainConfig(".lfsconfig", copy.at, ended, said)
    if (unreadable !== null) return yield* unreadable
    return readLfsConfig(lines.join("\n"))
  })

/** Those that are still pointers. */
const leftOf = async (folder: string, pointers: ReadonlyArray<LfsPointer>) => {
  const left: Array<LfsPointer> = []
  for (const pointer of pointers) {
    const found = await lstat(join(folder, pointer.path)).catch(() => null)
    if (found?.size !== pointer.bytes) left.push(pointer)
  }
  return left
}

const noProgram = () =>
  buildFailed(
    "no-builder",
    "The source has files in Git LFS, and this builder has no git-lfs.",
    "Ask the operator to install git-lfs on the builders, or deploy without LFS.",
  )

/** Puts the files in place of their pointers, of one repository of the source. */
export const fetchLfsFiles = (
  space: BuildSpace,
  copy: WorkingCopy,
  commit: string,
  budget: SourceBudget,
): Effect.Effect<void, BuildFailed> =>
  Effect.gen(function* () {
    const pointers = yield* Effect.promise(() => findPointers(copy.folder, "all"))
    if (pointers.length === 0) return
    if (!(yield* hasProgram("git-lfs"))) return yield* noProgram()
    const config = yield* readConfig(copy, commit)
    const bytes = sizeOf(pointers)
    // What is left out by `.lfsconfig` is not known before: then what comes is what counts.
    if (bytes > budget.bytesLeft && !config.selects)
      return yield* buildFailed(
        "source-refused",
        `The repository is too large with its LFS files: they are ${countFiles(pointers.length)} of ${formatSize(bytes)} in all.`,
        `Keep all of it below ${formatSize(budget.bytesMost)}, or deploy without LFS.`,
      )
    const remote = lfsRemote(copy.remote, config, { allowPrivate: space.config.allowPrivateGit })
    if (Result.isFailure(remote))
      return yield* buildFailed(
        "source-refused",
        `The URL ${config.url} of .lfsconfig is not allowed: ${remote.failure.reason}.`,
        "Write an https:// URL of a public host, or take it out of .lfsconfig.",
      )
    const { ended, failed } = yield* copy.ask(
      {
        remote: remote.success,
        ref: commit,
        receivedMax: Math.min(bytes, budget.bytesLeft) + talkBytes(pointers.length),
        seconds: budget.seconds,
        allPorts: remote.success.url.protocol === "ssh",
        until: (signal) => diskWatch(copy.folder, space.config, signal),
      },
      [...settings, "-c", `lfs.url=${remote.success.url.href}`, "lfs", "fetch", copy.remote.url.href, commit],
    )
    if (ended.exitCode !== 0) return yield* explainLfs(failed, bytes)
    const lines: Array<string> = []
    const written = yield* copy.git([...settings, "lfs", "checkout"], (_, line) => {
      if (lines.length < 20) lines.push(line)
    })
    if (written.exitCode !== 0)
      return yield* buildFailed(
        "source-refused",
        "The repository's LFS files could not be written in place of their pointers.",
        "The lines show what git-lfs said.",
        { lines },
      )
    const left = yield* Effect.promise(() => leftOf(copy.folder, pointers))
    const gone = new Set(left)
    const fetched = pointers.filter((pointer) => !gone.has(pointer))
    budget.take(0, sizeOf(fetched))
    space.note(`fetched ${countFiles(fetched.length)} of Git LFS (${formatSize(sizeOf(fetched))})`)
    if (left.length > 0)
      space.note(
        `${config.selects ? ".lfsconfig" : "git-lfs"} leaves out ${named(left.map(({ path }) => path))}, which stay pointers`,
      )
  })
