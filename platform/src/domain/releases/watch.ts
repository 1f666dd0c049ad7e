/** An instance of a new release, on a worker that is well: others tell nothing of the release. */
export interface WatchedInstance {
  readonly slot: number
  readonly placementId: string
  readonly containerId: string
  readonly state: "starting" | "running" | "exited"
  readonly healthy: boolean
  readonly exitCode: number | null
  readonly probe: string
}

interface Exit {
  readonly slot: number
  readonly containerId: string
  /** Null: it was replaced before anybody saw its end. */
  readonly exitCode: number | null
  readonly at: number
}

/** What was seen of a release since it went live. */
export interface Seen {
  readonly exits: ReadonlyArray<Exit>
  /** The container of each placement that was seen last. */
  readonly containers: Readonly<Record<string, string>>
  /** Looks in a row at which nothing of a slot was healthy. */
  readonly unhealthy: Readonly<Record<number, number>>
  /** It has turned bad, and a later deployment is waited for. */
  readonly waits: boolean
}

export const nothingSeen: Seen = { exits: [], containers: {}, unhealthy: {}, waits: false }

export interface WatchLimits {
  /** Of one slot. */
  readonly exits: number
  /** In a row. */
  readonly unhealthyLooks: number
  readonly secondsBetweenLooks: number
}

/** Of each slot, beside those of containers that are still there: these would be counted again. */
const exitsKept = 10
/** A slot that has not ended for so long, and is healthy, has recovered. */
const recoveredMs = 60_000

const exitsIn = (
  before: Seen,
  instances: ReadonlyArray<WatchedInstance>,
  now: number,
): ReadonlyArray<Exit> => {
  const known = new Set(before.exits.map(({ containerId }) => containerId))
  const here = new Set(instances.map(({ containerId }) => containerId))
  const ended = instances
    .filter(({ state, containerId }) => state === "exited" && !known.has(containerId))
    .map(({ slot, containerId, exitCode }) => ({ slot, containerId, exitCode, at: now }))
  const replaced = new Map<string, Exit>()
  for (const { slot, placementId, containerId } of instances) {
    const last = before.containers[placementId]
    if (last !== undefined && last !== containerId && !here.has(last) && !known.has(last))
      replaced.set(last, { slot, containerId: last, exitCode: null, at: now })
  }
  const exits = [...before.exits, ...ended, ...replaced.values()]
  return exits.filter(
    ({ slot, containerId }, at) =>
      here.has(containerId) || exits.slice(at).filter((later) => later.slot === slot).length <= exitsKept,
  )
}

const unhealthyIn = (before: Seen, instances: ReadonlyArray<WatchedInstance>): Seen["unhealthy"] => {
  const slots = new Set(instances.map(({ slot }) => slot))
  return Object.fromEntries(
    Array.from(slots)
      .filter((slot) => !instances.some((one) => one.slot === slot && one.healthy))
      .map((slot) => [slot, (before.unhealthy[slot] ?? 0) + 1]),
  )
}

const words = ["no", "once", "twice", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
const times = (count: number) => (count < 3 ? words[count]! : `${words[count] ?? count} times`)

const span = (seconds: number): string => {
  if (seconds <= 90) return `${Math.max(1, Math.round(seconds))} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}

const exitReason = (
  { exits, unhealthy }: Pick<Seen, "exits" | "unhealthy">,
  now: number,
  limits: WatchLimits,
): string | null => {
  for (const slot of new Set(exits.map((exit) => exit.slot))) {
    const mine = exits.filter((exit) => exit.slot === slot)
    if (mine.length < limits.exits) continue
    if (unhealthy[slot] === undefined && now - mine.at(-1)!.at > recoveredMs) continue
    const codes = new Set(mine.flatMap(({ exitCode }) => exitCode ?? []))
    const what = codes.size === 1 ? `exit code ${Array.from(codes)[0]}` : "it exited"
    return `${what} ${times(mine.length)} within ${span((mine.at(-1)!.at - mine[0]!.at) / 1000)}`
  }
  return null
}

/** One look. `reason` says why the release has turned bad; null: it has not. */
export const look = (
  before: Seen,
  instances: ReadonlyArray<WatchedInstance>,
  now: number,
  limits: WatchLimits,
): { readonly seen: Seen; readonly reason: string | null } => {
  const exits = exitsIn(before, instances, now)
  const unhealthy = unhealthyIn(before, instances)
  // The newest container of a placement is the one that its successor is told from.
  const last = instances.toSorted(
    (one, other) => Number(one.state !== "exited") - Number(other.state !== "exited"),
  )
  const containers = {
    ...before.containers,
    ...Object.fromEntries(last.map(({ placementId, containerId }) => [placementId, containerId])),
  }
  const long = Object.entries(unhealthy).find(([, looks]) => looks >= limits.unhealthyLooks)
  const probe = instances.find(({ slot, healthy }) => slot === Number(long?.[0]) && !healthy)?.probe ?? ""
  const reason =
    exitReason({ exits, unhealthy }, now, limits) ??
    (long === undefined
      ? null
      : `not healthy for ${span(long[1] * limits.secondsBetweenLooks)}${probe === "" ? "" : `: ${probe}`}`)
  return { seen: { exits, containers, unhealthy, waits: false }, reason }
}
