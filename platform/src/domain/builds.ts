/** A build that has no builder yet. */
export interface WaitingBuild {
  readonly id: string
  readonly organization: string
  /** The builder that last built this service: what the build needs is likely there. */
  readonly warm: string | null
  /** Builders that were lost with it. */
  readonly lost: ReadonlyArray<string>
  /** Those that know its kind of source; null: all do. */
  readonly able: ReadonlyArray<string> | null
}

export interface RunningBuild {
  readonly organization: string
  readonly builder: string
}

/** A builder that takes builds. */
export interface Slots {
  readonly id: string
  readonly slots: number
}

export interface BuildLimits {
  /** Builds of one organization at the same time. */
  readonly perOrganization: number
}

export interface Queue {
  /** Oldest first. */
  readonly waiting: ReadonlyArray<WaitingBuild>
  readonly running: ReadonlyArray<RunningBuild>
  readonly builders: ReadonlyArray<Slots>
  /** Organizations by when a build of theirs was last given to a builder, the one that waits longest first. */
  readonly served: ReadonlyArray<string>
}

export interface Place {
  readonly id: string
  /** From 1. */
  readonly position: number
  readonly reason: string
}

export interface Assigned {
  readonly assignments: ReadonlyArray<{ readonly build: string; readonly builder: string }>
  /** Of those that go on waiting, in the order in which they will be served. */
  readonly places: ReadonlyArray<Place>
}

/** Builds of all organizations in turn, within one the oldest first. Never-served organizations come first. */
const inTurn = ({ waiting, served }: Queue): ReadonlyArray<WaitingBuild> => {
  const lines = new Map<string, Array<WaitingBuild>>()
  for (const build of waiting) {
    const line = lines.get(build.organization)
    if (line === undefined) lines.set(build.organization, [build])
    else line.push(build)
  }
  const order = Array.from(lines.keys()).sort((one, other) => served.indexOf(one) - served.indexOf(other))
  const longest = Math.max(0, ...Array.from(lines.values(), ({ length }) => length))
  return Array.from({ length: longest }, (_, round) =>
    order.flatMap((organization) => lines.get(organization)![round] ?? []),
  ).flat()
}

const count = <A>(all: ReadonlyArray<A>, key: (one: A) => string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  return counts
}

const ordinals = [
  "first",
  "second",
  "third",
  "fourth",
  "fifth",
  "sixth",
  "seventh",
  "eighth",
  "ninth",
  "tenth",
]
const ordinal = (position: number) => ordinals[position - 1] ?? `number ${position}`

const busy = (builders: number): string => {
  if (builders === 0) return "no builder is connected"
  if (builders === 1) return "the builder is busy"
  return builders === 2 ? "both builders are busy" : `all ${builders} builders are busy`
}

const builds = (number: number) => (number === 1 ? "1 build" : `${number} builds`)

/** Is a slot of any builder free? */
export const hasRoom = ({ builders, running }: Pick<Queue, "builders" | "running">): boolean => {
  const used = count(running, ({ builder }) => builder)
  return builders.some(({ id, slots }) => slots > (used.get(id) ?? 0))
}

/**
 * Which build goes to which builder now, and what the others are told. Organizations take turns, so that none waits for
 * another's long line; no builder gets more than it has slots, no organization more than its limit.
 */
export const assign = (queue: Queue, limits: BuildLimits): Assigned => {
  const used = count(queue.running, ({ builder }) => builder)
  const mine = count(queue.running, ({ organization }) => organization)
  const free = ({ id, slots }: Slots) => slots - (used.get(id) ?? 0)
  const knows = ({ able }: WaitingBuild, { id }: Slots) => able === null || able.includes(id)
  const builderFor = (build: WaitingBuild): Slots | undefined => {
    const { warm, lost } = build
    const able = queue.builders.filter((builder) => free(builder) > 0 && knows(build, builder))
    const trusted = able.filter(({ id }) => !lost.includes(id))
    // One that was lost with it before is better than none, once it is back and alone.
    const alone = queue.builders.every(({ id }) => lost.includes(id))
    const candidates = alone ? able : trusted
    return (
      candidates.find(({ id }) => id === warm) ??
      candidates.toSorted((one, other) => free(other) - free(one) || (one.id < other.id ? -1 : 1))[0]
    )
  }
  const assignments: Array<Assigned["assignments"][number]> = []
  const left: Array<WaitingBuild> = []
  for (const build of inTurn(queue)) {
    const builder =
      (mine.get(build.organization) ?? 0) < limits.perOrganization ? builderFor(build) : undefined
    if (builder === undefined) {
      left.push(build)
      continue
    }
    used.set(builder.id, (used.get(builder.id) ?? 0) + 1)
    mine.set(build.organization, (mine.get(build.organization) ?? 0) + 1)
    assignments.push({ build: build.id, builder: builder.id })
  }
  const full = !queue.builders.some((builder) => free(builder) > 0)
  const places = left.map((build, at): Place => {
    const { id, organization } = build
    const running = mine.get(organization) ?? 0
    const reasons = [
      ...(full ? [busy(queue.builders.length)] : []),
      ...(queue.builders.length > 0 && !queue.builders.some((builder) => knows(build, builder))
        ? [
            "no builder knows this kind of source: their agents are of an earlier version, or it has files in Git LFS and they have no git-lfs",
          ]
        : []),
      ...(running >= limits.perOrganization ? [`the organization runs ${builds(running)} already`] : []),
    ]
    const why = reasons.length > 0 ? reasons : ["the builders that are free were lost with it before"]
    return { id, position: at + 1, reason: [ordinal(at + 1), ...why].join("; ") }
  })
  return { assignments, places }
}
