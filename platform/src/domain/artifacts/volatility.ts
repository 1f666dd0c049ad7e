import { parseDrvName } from "../drvName.ts"

/** What is known of a path when nothing is known of how often it changes. */
export interface PathHistory {
  /** The name without the hash, such as `nodejs-22.1.0`. */
  readonly name: string
  /** Somebody else's key signed it: it came from a public cache. */
  readonly substituted: boolean
  /** An image of another service holds it. */
  readonly shared: boolean
}

/**
 * Whether a path is likely to be the same in the next deployment. Only the order of layers depends on it, so a wrong
 * guess costs bytes, never correctness.
 */
export const isStable = (path: PathHistory, topName: string): boolean => {
  if (path.name === topName) return false
  if (path.substituted || path.shared) return true
  return parseDrvName(path.name).version !== null && !path.name.startsWith(parseDrvName(topName).name)
}

/**
 * The height of each path: 0 without references, else one more than its highest. References to itself do not count;
 * there are no other cycles in a Nix store.
 */
export const heights = (
  references: ReadonlyMap<string, ReadonlyArray<string>>,
): ReadonlyMap<string, number> => {
  const known = new Map<string, number>()
  for (const root of references.keys()) {
    const stack = [root]
    while (stack.length > 0) {
      const path = stack.at(-1)!
      const others = (references.get(path) ?? []).filter((other) => other !== path)
      const waiting = others.filter((other) => !known.has(other) && references.has(other))
      if (waiting.length > 0) {
        stack.push(...waiting)
        continue
      }
      known.set(
        path,
        others.reduce((height, other) => Math.max(height, (known.get(other) ?? -1) + 1), 0),
      )
      stack.pop()
    }
  }
  return known
}
