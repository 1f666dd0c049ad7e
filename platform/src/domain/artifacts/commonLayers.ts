/** A layer that the images of several services have, with everything below it. */
export interface CommonLayer {
  /** Names the run of layers from the bottom to this one, as `imageRows.ts` does. */
  readonly chain: string
  /** The run below it; empty: there is none. */
  readonly parent: string
  readonly bytes: number
  /** How many services have it. */
  readonly services: number
}

/** A run of layers to be kept as an image of its own. */
export interface CommonRun {
  readonly chain: string
  /** Of the whole run. */
  readonly bytes: number
  /** How many services have all of it. */
  readonly services: number
}

/** A smaller run is pulled as fast as it is asked for. */
const leastBytes = 1024 ** 2
/** Engines look at each image in turn. */
const runsMost = 32

/**
 * Which runs of layers are worth having on every worker: what the most services have, from the bottom up, as much of it
 * as the bytes allow. Runs share what is below them, and that counts once. Equal input gives equal output.
 */
export const chooseCommonRuns = (
  layers: ReadonlyArray<CommonLayer>,
  bytesMost: number,
): ReadonlyArray<CommonRun> => {
  const byChain = new Map(layers.map((layer) => [layer.chain, layer]))
  const depths = new Map<string, number>()
  const depthOf = (chain: string): number => {
    const known = depths.get(chain)
    if (known !== undefined) return known
    const layer = byChain.get(chain)
    const depth = layer === undefined ? 0 : depthOf(layer.parent) + 1
    depths.set(chain, depth)
    return depth
  }
  // What is below something is before it: at least as many services have it.
  const inOrder = layers.toSorted(
    (one, other) =>
      other.services - one.services ||
      depthOf(one.chain) - depthOf(other.chain) ||
      one.bytes - other.bytes ||
      (one.chain < other.chain ? -1 : 1),
  )
  const runBytes = new Map([["", 0]])
  const continued = new Set<string>()
  let used = 0
  for (const { chain, parent, bytes } of inOrder) {
    const below = runBytes.get(parent)
    if (below === undefined || used + bytes > bytesMost) continue
    used += bytes
    runBytes.set(chain, below + bytes)
    continued.add(parent)
  }
  return inOrder
    .flatMap(({ chain, services }) => {
      const bytes = runBytes.get(chain)
      return bytes === undefined || bytes < leastBytes || continued.has(chain)
        ? []
        : [{ chain, bytes, services }]
    })
    .slice(0, runsMost)
}
