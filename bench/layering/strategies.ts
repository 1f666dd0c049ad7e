import { planFirst, planNext } from "../../platform/src/domain/artifacts/layering.ts"
import { heights, isStable } from "../../platform/src/domain/artifacts/volatility.ts"
import type { SeriesPath } from "./series.ts"

export interface Layer {
  readonly digest: string
  readonly paths: ReadonlyArray<{ readonly base: string; readonly bytes: number }>
}

export type Closure = ReadonlyArray<SeriesPath>
/** The layers of a closure, from the bottom; `before` are those of the deployment before. */
export type Strategy = (closure: Closure, before: ReadonlyArray<Layer>) => ReadonlyArray<Layer>

const baseOf = ({ name, version }: SeriesPath) => `${String(version).padStart(32, "0")}-${name}`

const layerOf = (paths: ReadonlyArray<SeriesPath>): Layer => {
  const sorted = paths.map((path) => ({ base: baseOf(path), bytes: path.bytes }))
  sorted.sort((a, b) => (a.base < b.base ? -1 : 1))
  return { digest: sorted.map(({ base }) => base).join(), paths: sorted }
}

export const oneLayer: Strategy = (closure) => [layerOf(closure)]

/** For each path how many others it needs to be known, or the other way round, with itself. */
const reachable = (closure: Closure, next: (position: number) => ReadonlyArray<number>) => {
  const known = closure.map(() => null as ReadonlySet<number> | null)
  const look = (position: number): ReadonlySet<number> => {
    const found = known[position]
    if (found) return found
    const all = new Set([position])
    for (const other of next(position)) for (const each of look(other)) all.add(each)
    known[position] = all
    return all
  }
  return closure.map((_, position) => look(position))
}

const usersOf = (closure: Closure) => {
  const users = closure.map(() => [] as Array<number>)
  closure.forEach(({ references }, user) => {
    for (const reference of references) users[reference]!.push(user)
  })
  return users
}

/**
 * nixpkgs' popularity contest (`buildLayeredImage` until 2025): a path counts as often as it comes in the tree of
 * dependencies, where who is referred to twice is there twice. The most popular ones are layers of their own, from the
 * bottom; the rest is the last layer.
 */
export const popularity =
  (limit: number): Strategy =>
  (closure) => {
    const users = usersOf(closure)
    const counts = closure.map(() => -1)
    const count = (position: number): number => {
      if (counts[position]! < 0)
        counts[position] = 1 + users[position]!.reduce((sum, user) => sum + count(user), 0)
      return counts[position]!
    }
    const order = closure.map((path, position) => ({ path, popular: count(position) }))
    order.sort((a, b) => b.popular - a.popular || (baseOf(a.path) < baseOf(b.path) ? -1 : 1))
    const paths = order.map(({ path }) => path)
    const own = paths.slice(0, paths.length <= limit ? limit : limit - 1).map((path) => layerOf([path]))
    const rest = paths.slice(own.length)
    return rest.length === 0 ? own : [...own, layerOf(rest)]
  }

/**
 * nixpkgs' automatic layering (2025), as its documentation describes it: the largest paths are the roots of layers, as
 * many as the limit lets be; every other path is in the layer of the nearest roots that depend on it, and paths with the
 * same nearest roots are together. A layer is above those that it needs: they are in the order of the size of all that
 * each needs.
 */
export const automatic =
  (limit: number): Strategy =>
  (closure) => {
    const users = usersOf(closure)
    const needs = reachable(closure, (position) => closure[position]!.references)
    const above = reachable(closure, (position) => users[position]!)
    const largest = closure
      .map((_, position) => position)
      .sort((a, b) => closure[b]!.bytes - closure[a]!.bytes || a - b)
    const split = (roots: ReadonlySet<number>) => {
      const groups = new Map<string, Array<number>>()
      closure.forEach((_, position) => {
        const mine = roots.has(position)
          ? [position]
          : [...above[position]!].filter((root) => roots.has(root))
        const nearest = mine.filter(
          (root) => !mine.some((other) => other !== root && needs[root]!.has(other)),
        )
        const key = nearest.sort((a, b) => a - b).join()
        groups.set(key, [...(groups.get(key) ?? []), position])
      })
      return [...groups.values()]
    }
    let layers = split(new Set())
    for (let count = 1; count <= largest.length; count++) {
      const more = split(new Set(largest.slice(0, count)))
      if (more.length > limit) break
      layers = more
    }
    const weight = (positions: ReadonlyArray<number>) => {
      const all = new Set(positions.flatMap((position) => [...needs[position]!]))
      return [...all].reduce((sum, position) => sum + closure[position]!.bytes, 0)
    }
    return layers
      .map((positions) => ({
        weight: weight(positions),
        layer: layerOf(positions.map((at) => closure[at]!)),
      }))
      .sort((a, b) => a.weight - b.weight || (a.layer.digest < b.layer.digest ? -1 : 1))
      .map(({ layer }) => layer)
  }

/** Ours, with what the platform knows: no path came from a public cache, and no other service has any of them. */
export const ledger =
  (top: string): Strategy =>
  (closure, before) => {
    const names = closure.map(baseOf)
    const known = heights(
      new Map(closure.map(({ references }, at) => [names[at]!, references.map((each) => names[each]!)])),
    )
    const paths = closure.map(({ name, bytes }, at) => ({
      base: names[at]!,
      bytes,
      height: known.get(names[at]!)!,
      stable: isStable({ name, substituted: false, shared: false }, top),
    }))
    const plan = (before.length === 0 ? null : planNext(paths, before)) ?? planFirst(paths, [])
    const byBase = new Map(names.map((name, at) => [name, closure[at]!]))
    return [...plan.keep, ...plan.add.map((bases) => layerOf(bases.map((base) => byBase.get(base)!)))]
  }
