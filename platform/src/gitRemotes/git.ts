import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"

/** Of one push, as Git counts it: compressed. */
export const packBytesMax = 512 * 1024 ** 2

/** So long a push may take to arrive. */
export const uploadMsMax = 15 * 60_000

/** Of one repository, with all that was ever pushed to it. */
export const repositoryBytesMax = 2 * 1024 ** 3

/** Of all repositories of an organization. */
export const organizationBytesMax = 20 * 1024 ** 3

/** In one repository: each is a file, and read for each fetch and push. */
export const branchesMax = 1000

/** Nothing of this machine's configuration counts, nothing asks, and no variable of ours is there to be read. */
export const environment = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
}

/**
 * Of one process. What was pushed may say of itself that it is small: deltas and trees of a few kilobytes stand for
 * gigabytes.
 */
const memoryBytes = 1024 ** 3

/** Packs, which may be larger than that, are looked at through windows. */
const windows = ["core.packedGitWindowSize=32m", "core.packedGitLimit=256m"].flatMap((setting) => [
  "-c",
  setting,
])

/** Processes that are under way; they end with the platform. */
export const running = new Set<ChildProcess>()

/** Git with these arguments, at the head of a process group of its own. */
export const spawnGit = (
  args: ReadonlyArray<string>,
  options: { readonly env?: Readonly<Record<string, string>>; readonly stdio: SpawnOptions["stdio"] },
): ChildProcess => {
  const child = spawn("prlimit", [`--as=${memoryBytes}`, "--", "git", ...windows, ...args], {
    cwd: "/",
    env: { ...environment, ...options.env },
    stdio: options.stdio,
    detached: true,
  })
  running.add(child)
  const end = () => running.delete(child)
  return child.once("error", end).once("close", end)
}

/** For what reads a push that is not taken yet: its objects are beside the repository's own. */
export const quarantined = (repository: string, quarantine: string): Readonly<Record<string, string>> =>
  quarantine === ""
    ? {}
    : { GIT_OBJECT_DIRECTORY: quarantine, GIT_ALTERNATE_OBJECT_DIRECTORIES: `${repository}/objects` }

/** Ends it with everything that it has started. */
export const killGit = (child: ChildProcess): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

/** What a repository here is like, whatever is written in its own `config`. */
export const settings = (hooks: string, packBytes: number): ReadonlyArray<string> =>
  [
    `core.hooksPath=${hooks}`,
    "core.fsmonitor=false",
    "transfer.fsckObjects=true",
    "receive.fsck.zeroPaddedFilemode=ignore",
    `receive.maxInputSize=${packBytes}`,
    "receive.denyNonFastForwards=false",
    "receive.denyDeletes=false",
    // A commit is deployed by its files: what came before it need not be there.
    "receive.shallowUpdate=true",
    "receive.advertisePushOptions=false",
    // What is live cannot be taken back when another branch of the same push is refused.
    "receive.advertiseAtomic=false",
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
    // Large files go through it in pieces, and one thread at a time holds the others in memory.
    "core.bigFileThreshold=16m",
    "core.deltaBaseCacheLimit=64m",
    "pack.threads=1",
    "uploadpack.allowFilter=false",
  ].flatMap((setting) => ["-c", setting])
