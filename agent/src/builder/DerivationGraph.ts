import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { type Derivation, parseDerivation } from "./Derivation.ts"

/** What a derivation needs to be built, with what that needs; each is read once. */
export interface DerivationGraph {
  readonly derivations: ReadonlyMap<string, Derivation>
  /** There is more of it. */
  readonly cut: boolean
}

const derivationsMost = 5000
const bytesMost = 4 * 1024 * 1024
const atOnce = 64

/** Whether it is the path of a derivation, and no option of a command. */
export const isDerivationPath = (path: string): boolean =>
  /^\/nix\/store\/[0-9a-z]{32}-[0-9a-zA-Z+._?=-]{1,207}\.drv$/.test(path)

/** As the machine's store has it; null: it has no such derivation, or none that can be read. */
export const readDerivation = async (path: string): Promise<Derivation | null> => {
  if (!isDerivationPath(path)) return null
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null)
  if (file === null) return null
  try {
    return (await file.stat()).size > bytesMost ? null : parseDerivation(await file.readFile("utf8"))
  } finally {
    await file.close()
  }
}

/** Reads those that are nearest first; not what is needed by those that `isEnd` says are one. */
export const readGraph = async (
  drvPath: string,
  isEnd: (derivation: Derivation) => boolean = () => false,
): Promise<DerivationGraph> => {
  const derivations = new Map<string, Derivation>()
  const seen = new Set([drvPath])
  const queue = [drvPath]
  let cut = false
  for (let at = 0; at < queue.length; ) {
    const paths = queue.slice(at, at + atOnce)
    at += paths.length
    const found = await Promise.all(paths.map(readDerivation))
    for (const [index, derivation] of found.entries()) {
      if (derivation === null) {
        cut = true
        continue
      }
      derivations.set(paths[index]!, derivation)
      if (isEnd(derivation)) continue
      for (const input of derivation.inputs) {
        if (seen.has(input.drvPath)) continue
        if (seen.size >= derivationsMost) {
          cut = true
          break
        }
        seen.add(input.drvPath)
        queue.push(input.drvPath)
      }
    }
  }
  return { derivations, cut }
}
