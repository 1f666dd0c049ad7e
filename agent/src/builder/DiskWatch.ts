import type { StatsFs } from "node:fs"
import { statfs } from "node:fs/promises"
import type { BuilderConfig } from "./BuilderConfig.ts"

/** What is left of the disk in any case. */
const diskBytesKept = 1024 ** 3

/** How a folder's file system is looked at. */
export type Look = (folder: string) => Promise<Pick<StatsFs, "bavail" | "bsize" | "ffree">>

interface Room {
  readonly bytes: number
  readonly files: number
}

const watch = (
  folder: string,
  signal: AbortSignal,
  isOver: (start: Room, now: Room) => boolean,
  lookAt: Look,
): Promise<void> =>
  new Promise((resolve) => {
    let start: Room | null = null
    const look = async () => {
      const { bavail, bsize, ffree } = await lookAt(folder)
      const now = { bytes: bavail * bsize, files: ffree }
      start ??= now
      if (!isOver(start, now)) return
      clearInterval(timer)
      resolve()
    }
    // A look that fails, as at a folder that is gone, says nothing.
    const lookOnce = () => void look().catch(() => undefined)
    const timer = setInterval(lookOnce, 250)
    lookOnce()
    signal.addEventListener("abort", () => clearInterval(timer))
  })

const isFull = (start: Room, now: Room) => now.bytes < diskBytesKept && now.bytes < start.bytes

/** Settles when the build has taken more from the disk than it may, or the disk is full. */
export const diskWatch = (
  folder: string,
  { diskBytes, diskFiles }: Pick<BuilderConfig, "diskBytes" | "diskFiles">,
  signal: AbortSignal,
  lookAt: Look = statfs,
): Promise<void> =>
  watch(
    folder,
    signal,
    (start, now) =>
      start.bytes - now.bytes > diskBytes || start.files - now.files > diskFiles || isFull(start, now),
    lookAt,
  )

/** Settles when the disk is full, whoever fills it: for what is measured by itself, beside builds that write. */
export const diskFull = (folder: string, signal: AbortSignal, lookAt: Look = statfs): Promise<void> =>
  watch(folder, signal, isFull, lookAt)
