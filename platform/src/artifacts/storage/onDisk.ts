import { createReadStream } from "node:fs"
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type FoundFile, hashInName, isAbsent, type NarStorage, nameOfNar } from "./NarStorage.ts"

/** A rename is on the disk when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r")
  await handle.sync().finally(() => handle.close())
}

const move = async (temporary: string, target: string): Promise<void> => {
  const folder = dirname(target)
  const made = await mkdir(folder, { recursive: true })
  await rename(temporary, target)
  await syncFolder(folder)
  if (made !== undefined) await syncFolder(dirname(folder))
}

const listFolder = async (folder: string): Promise<ReadonlyArray<FoundFile>> => {
  const names = await readdir(folder).catch((error) => {
    if (isAbsent(error)) return []
    throw error
  })
  const found: Array<FoundFile> = []
  for (const name of names) {
    const fileHash = hashInName(name)
    const state = fileHash === null ? null : await stat(join(folder, name)).catch(() => null)
    if (fileHash !== null && state?.isFile()) found.push({ fileHash, modifiedMs: state.mtimeMs })
  }
  return found
}

/** NARs in a folder, which is on the same file system as what is placed. */
export const onDisk = (folder: string): NarStorage => {
  const pathOf = (fileHash: string) => join(folder, nameOfNar(fileHash))
  return {
    approach: async () => undefined,
    place: (temporary, fileHash) => move(temporary, pathOf(fileHash)),
    has: (fileHash) =>
      stat(pathOf(fileHash)).then(
        (found) => found.isFile(),
        () => false,
      ),
    remove: (fileHash) => rm(pathOf(fileHash), { force: true }),
    list: (prefix) => listFolder(join(folder, "nar", prefix)),
    read: (fileHash, range) => createReadStream(pathOf(fileHash), { highWaterMark: 256 * 1024, ...range }),
    freeBytes: () =>
      statfs(folder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => null,
      ),
    sweep: async () => undefined,
  }
}
