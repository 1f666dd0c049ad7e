import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { mountsOf } from "../volumes/mounts.ts"
import { run } from "./run.ts"

const folderOf = (dataFolder: string) => join(dataFolder, "volumes")

/** The services' volumes on this machine, those among them that nobody wants any more. */
export const volumesIn = (dataFolder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folderOf(dataFolder)).filter((name) => name.includes(".img"))
  } catch {
    return []
  }
}

/** What is mounted cannot be removed. */
export const unmountVolumes = async (dataFolder: string): Promise<void> => {
  const below = `${folderOf(dataFolder)}/`
  const mounts = mountsOf(readFileSync("/proc/self/mountinfo", "utf8"))
  for (const place of [...mounts.keys()].filter((each) => each.startsWith(below))) {
    const { code, stderr } = await run("umount", [place], 60)
    if (code !== 0) throw new Error(`${place} cannot be unmounted: ${stderr.trim()}`)
  }
}
