import { statfs } from "node:fs/promises"
import type { BuilderConfig } from "./BuilderConfig.ts"

/** What is left of the disk in any case. */
const diskBytesKept = 1024 ** 3

/** Settles when the build has taken more from the disk than it may. */
export const diskWatch = (
  folder: string,
  { diskBytes, diskFiles }: BuilderConfig,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve) => {
    let start: { readonly free: number; readonly files: number } | null = null
    const look = async () => {
      const { bavail, bsize, ffree } = await statfs(folder)
      const free = bavail * bsize
      start ??= { free, files: ffree }
      if (start.free - free > diskBytes || start.files - ffree > diskFiles) resolve()
      if (free < diskBytesKept && free < start.free) resolve()
    }
    const timer = setInterval(look, 250)
    void look()
    signal.addEventListener("abort", () => clearInterval(timer))
  })
