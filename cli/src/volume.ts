import { parseSize } from "@skypanel/contract/Resources"
import type { Volume } from "@skypanel/contract/Volume"
import type { Issue } from "./checked.ts"

/** What `deploy` was told of a volume: `PATH:SIZE[:wait|start-empty]`, or that there shall be none. */
export type VolumeFlag = { readonly text: string } | "none"

const written = "write PATH:SIZE, such as /data:1GiB, with :wait or :start-empty behind it"

const isChoice = (text: string): text is Volume["whenWorkerIsLost"] =>
  text === "wait" || text === "start-empty"

/** The volume that a flag asks for, null for none; limits are the contract's. */
export const volumeOf = (flag: VolumeFlag, issues: Array<Issue>): Volume | null => {
  if (flag === "none") return null
  const [path = "", size = "", choice = "wait", ...more] = flag.text.split(":")
  const sizeBytes = parseSize(size)
  if (sizeBytes !== null && isChoice(choice) && more.length === 0)
    return { path, sizeBytes, whenWorkerIsLost: choice }
  issues.push({ path: "--volume", message: `${written}, not ${JSON.stringify(flag.text.slice(0, 80))}` })
  return null
}
