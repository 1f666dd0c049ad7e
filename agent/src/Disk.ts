import { Effect } from "effect"
import { readFileSystemSize } from "./systemFiles.ts"

/** What a folder's file system has, in bytes: as much as others than root may write. */
export interface Disk {
  readonly folder: string
  readonly total: number
  readonly used: number
  readonly free: number
}

/** All is 0 where there is nothing to look at. */
export const diskOf = (folder: string): Effect.Effect<Disk> =>
  Effect.promise(() =>
    readFileSystemSize(folder).then(
      ({ bsize, blocks, bavail, bfree }) => ({
        folder,
        total: (blocks - bfree + bavail) * bsize,
        used: (blocks - bfree) * bsize,
        free: bavail * bsize,
      }),
      () => ({ folder, total: 0, used: 0, free: 0 }),
    ),
  )
