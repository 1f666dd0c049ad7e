/**
 * Ledger layering: an engine reuses only an unbroken run of layers from the bottom, so an image keeps the layers of
 * the one before it and appends what is new. Paths that left the closure stay as dead weight until it is too much.
 */
export interface LayeredPath {
  /** `<hash>-<name>` */
  readonly base: string
  readonly bytes: number
  /** 0 for a path without references, else one more than its highest reference. */
  readonly height: number
  /** Expected to stay the same from one deployment to the next, or shared with other services. */
  readonly stable: boolean
}

export interface ExistingLayer {
  readonly digest: string
  readonly paths: ReadonlyArray<{ readonly base: string; readonly bytes: number }>
}

export interface LayerPlan {
  /** From the bottom, above the base layer. */
  readonly keep: ReadonlyArray<ExistingLayer>
  /** Above those, each a set of store paths sorted by name. */
  readonly add: ReadonlyArray<ReadonlyArray<string>>
}

/** The graph drivers of Docker 20.10 … 29 refuse an image of more; the base layer is one of them. */
export const layerMaximum = 125
/** An image of more than this is laid anew. */
const layerBound = 100
/** At most this much of another service's image is taken over, so that there is room to append. */
export const sharedMaximum = 60
const deadShare = 0.35
const deadBytesMaximum = 500 * 1024 ** 2

const MiB = 1024 ** 2
const bigBytes = 8 * MiB
const rungBytes = 16 * MiB
/** A layer costs an engine about as long as pulling this much. */
const smallBytes = MiB
const rungMaximum = 12

const sum = (paths: ReadonlyArray<{ readonly bytes: number }>): number =>
  paths.reduce((total, path) => total + path.bytes, 0)

const byHeight = (a: LayeredPath, b: LayeredPath): number =>
  a.height - b.height || (a.base < b.base ? -1 : a.base > b.base ? 1 : 0)

type Group = Array<LayeredPath>

/** Dependencies first; what is big gets a layer with the small things below it. */
const stableGroups = (paths: Group, scale: number): Array<Group> => {
  const groups: Array<Group> = []
  let current: Group = []
  for (const path of paths) {
    if (path.bytes >= bigBytes * scale && sum(current) >= smallBytes) {
      groups.push(current)
      current = []
    }
    current.push(path)
    if (path.bytes >= bigBytes * scale || sum(current) >= rungBytes * scale) {
      groups.push(current)
      current = []
    }
  }
  return current.length === 0 ? groups : [...groups, current]
}

/** What is big alone, the rest together on top. */
const volatileGroups = (paths: Group, scale: number): Array<Group> => {
  const big = paths.filter((path) => path.bytes >= bigBytes * scale)
  const small = paths.filter((path) => path.bytes < bigBytes * scale)
  return [...big.map((path) => [path]), ...(small.length === 0 ? [] : [small])]
}

/** Doubles what counts as big until the groups are few enough. */
const few = (make: (scale: number) => Array<Group>): Array<Group> => {
  for (let scale = 1; ; scale *= 2) {
    const groups = make(scale)
    if (groups.length <= rungMaximum) return groups
  }
}

/** The layers of paths that no layer holds yet: what is stable below what is not. */
export const groupPaths = (paths: ReadonlyArray<LayeredPath>): ReadonlyArray<ReadonlyArray<string>> => {
  const sorted = [...paths].sort(byHeight)
  let changing = sorted.filter((path) => !path.stable)
  const steady = few((scale) =>
    stableGroups(
      sorted.filter((path) => path.stable),
      scale,
    ),
  )
  const last = steady.at(-1)
  if (last && changing.length > 0 && sum(last) < smallBytes) {
    changing = [...last, ...changing].sort(byHeight)
    steady.pop()
  }
  return [...steady, ...few((scale) => volatileGroups(changing, scale))].map((group) =>
    group.map((path) => path.base).sort(),
  )
}

const without = (closure: ReadonlyArray<LayeredPath>, layers: ReadonlyArray<ExistingLayer>) => {
  const held = new Set(layers.flatMap((layer) => layer.paths.map((path) => path.base)))
  return closure.filter((path) => !held.has(path.base))
}

/**
 * The layers of a first deployment, or of one that is laid anew. `shared` is a run of layers, from the bottom, that
 * other images have and that hold nothing but paths of this closure.
 */
export const planFirst = (
  closure: ReadonlyArray<LayeredPath>,
  shared: ReadonlyArray<ExistingLayer>,
): LayerPlan => {
  const keep = shared.slice(0, sharedMaximum)
  return { keep, add: groupPaths(without(closure, keep)) }
}

/** The layers after a deployment before, or null when it is better to lay the image anew. */
export const planNext = (
  closure: ReadonlyArray<LayeredPath>,
  previous: ReadonlyArray<ExistingLayer>,
): LayerPlan | null => {
  const live = new Set(closure.map((path) => path.base))
  const lastLive = previous.findLastIndex((layer) => layer.paths.some((path) => live.has(path.base)))
  const keep = previous.slice(0, lastLive + 1)
  const dead = sum(keep.flatMap((layer) => layer.paths.filter((path) => !live.has(path.base))))
  if (dead > Math.min(deadShare * sum(closure), deadBytesMaximum)) return null
  const add = groupPaths(without(closure, keep))
  return keep.length + add.length + 1 > layerBound ? null : { keep, add }
}
