import { execFile, execFileSync } from "node:child_process"
import { readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { promisify } from "node:util"

/*
 * Files of /proc and /sys. Deno opens them only to programs that may do everything; where the agent may not, it reads
 * them by programs that it may start (agent/permissions.json).
 */
const deadlineMs = 5_000
const bytesMost = 4 * 1024 * 1024

const orBy = <A>(program: string, path: string, itself: () => A, input?: string): A | string => {
  try {
    return itself()
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error
    return execFileSync(program, ["--", path], {
      encoding: "utf8",
      timeout: deadlineMs,
      maxBuffer: bytesMost,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "ignore"],
      ...(input === undefined ? {} : { input }),
    })
  }
}

/** The whole of a file; throws when there is none. `self` may be another process in the same namespaces. */
export const readSystemFile = (path: string): string => orBy("cat", path, () => readFileSync(path, "utf8"))

/** Where a link leads; throws when there is none. */
export const readSystemLink = (path: string): string =>
  orBy("readlink", path, () => readlinkSync(path)).replace(/\n$/, "")

/** Writes a switch of the kernel; throws when it is not taken. */
export const writeSystemFile = (path: string, text: string): void => {
  orBy("tee", path, () => writeFileSync(path, text), text)
}

/** Of a file system, in blocks of `bsize` bytes. */
export interface FileSystemSize {
  readonly bsize: number
  readonly blocks: number
  readonly bfree: number
  readonly bavail: number
}

/** Of the one that a folder is on, whosever it is; rejects when there is none. */
export const readFileSystemSize = async (folder: string): Promise<FileSystemSize> => {
  try {
    return await statfs(folder)
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error
    const format = ["--file-system", "--format=%S %b %f %a", "--", folder]
    const { stdout } = await promisify(execFile)("stat", format, { timeout: deadlineMs })
    const [bsize = 0, blocks = 0, bfree = 0, bavail = 0] = stdout.trim().split(" ").map(Number)
    return { bsize, blocks, bfree, bavail }
  }
}
