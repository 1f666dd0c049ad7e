import { FolderRefused } from "@skypanel/contract/folder/FolderEntry"
import { killGit, quarantined, spawnGit } from "./git.ts"

const readMs = 300_000

/** A commit of a repository; `quarantine` is where its objects are as long as it is not taken. */
export interface Commit {
  readonly repository: string
  readonly quarantine: string
  readonly commit: string
}

/** What Git says of a commit, as it says it. It ends when nobody reads on, at once when `stop` says so. */
export async function* readCommit(
  { repository, quarantine, commit }: Commit,
  command: ReadonlyArray<string>,
  stop: AbortSignal,
): AsyncGenerator<Buffer> {
  const child = spawnGit([`--git-dir=${repository}`, "-c", "core.bigFileThreshold=16m", ...command, commit], {
    env: quarantined(repository, quarantine),
    stdio: ["ignore", "pipe", "ignore"],
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null))
    child.once("close", (code) => resolve(code))
  })
  const kill = () => killGit(child)
  const timer = setTimeout(kill, readMs)
  stop.addEventListener("abort", kill)
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    if ((await ended) !== 0)
      throw new FolderRefused({ entry: null, reason: "Git could not read the commit's files" })
  } finally {
    clearTimeout(timer)
    stop.removeEventListener("abort", kill)
    kill()
  }
}
