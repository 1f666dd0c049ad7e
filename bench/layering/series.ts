import { readFileSync } from "node:fs"
import { join } from "node:path"

/** A store path at one moment: another `version` of the same name is another path. */
export interface SeriesPath {
  readonly name: string
  readonly version: number
  readonly bytes: number
  /** Positions in the closure. */
  readonly references: ReadonlyArray<number>
}

export type Change = "application" | "configuration" | "dependency" | "runtime" | "base"

export interface Step {
  readonly change: Change
  readonly closure: ReadonlyArray<SeriesPath>
}

interface Recorded {
  readonly title: string
  readonly top: string
  /** Name, bytes of its NAR, positions of what it refers to. */
  readonly paths: ReadonlyArray<readonly [string, number, ReadonlyArray<number>]>
}

/** Closures that a builder has built, with the sizes and references that they had. */
export const recordedClosures = (): ReadonlyArray<Recorded> =>
  JSON.parse(readFileSync(join(import.meta.dirname, "closures.json"), "utf8"))

/** A generator that gives the same numbers in every run (mulberry32). */
export const randomOf = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

/** Of a hundred deployments so many are of each kind. */
const kinds: ReadonlyArray<Change> = [
  ...Array<Change>(74).fill("application"),
  ...Array<Change>(10).fill("configuration"),
  ...Array<Change>(10).fill("dependency"),
  ...Array<Change>(4).fill("runtime"),
  ...Array<Change>(2).fill("base"),
]

const isRuntime = (name: string) => /^(?:nodejs|python3|ruby|deno)(?:-slim)?-\d/.test(name)

/** What a change changes by itself. */
const changed = ({ paths, top }: Recorded, change: Change, random: () => number): ReadonlyArray<number> => {
  const where = (test: (name: string) => boolean) =>
    paths.flatMap(([name], position) => (test(name) ? [position] : []))
  const tops = where((name) => name === top)
  const one = (positions: ReadonlyArray<number>) =>
    positions.length === 0 ? tops : [positions[Math.floor(random() * positions.length)]!]
  switch (change) {
    case "application":
      return tops
    // The start script, or what stands beside the application: no path without references of its own.
    case "configuration":
      return one(paths.flatMap(([, bytes], position) => (bytes < 8192 ? [position] : [])))
    case "dependency": {
      const installed = where((name) => name.includes("node-modules"))
      return installed.length > 0 ? installed : one(where((name) => name.startsWith("python3.11-")))
    }
    case "runtime":
      return where(isRuntime)
    // Another revision of the package set: some of it is another, and whatever refers to that.
    case "base":
      return paths.flatMap((_, position) => (random() < 0.1 ? [position] : []))
  }
}

/** The series of a closure: what its services deploy one after the other, as the seed says. */
export const seriesOf = (recorded: Recorded, deployments: number, seed: number): ReadonlyArray<Step> => {
  const random = randomOf(seed)
  const users = recorded.paths.map(() => [] as Array<number>)
  recorded.paths.forEach(([, , references], user) => {
    for (const reference of references) users[reference]!.push(user)
  })
  const versions = recorded.paths.map(() => 0)
  const sizes = recorded.paths.map(([, bytes]) => bytes)
  const closure = () =>
    recorded.paths.map(([name, , references], position) => ({
      name,
      version: versions[position]!,
      bytes: sizes[position]!,
      references,
    }))
  const steps: Array<Step> = [{ change: "base", closure: closure() }]
  while (steps.length <= deployments) {
    const change = kinds[Math.floor(random() * kinds.length)]!
    const todo = [...changed(recorded, change, random)]
    const done = new Set<number>()
    for (let position = todo.pop(); position !== undefined; position = todo.pop()) {
      if (done.has(position)) continue
      done.add(position)
      versions[position]! += 1
      todo.push(...users[position]!)
      // A new version is a little larger or smaller.
      sizes[position] = Math.max(64, Math.round(recorded.paths[position]![1] * (0.97 + 0.06 * random())))
    }
    steps.push({ change, closure: closure() })
  }
  return steps
}
