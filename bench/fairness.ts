import {
  assign,
  type BuildLimits,
  type Queue,
  type RunningBuild,
  type WaitingBuild,
} from "../platform/src/domain/builds.ts"
import { randomOf } from "./layering/series.ts"
import { median } from "./row.ts"

interface Asked {
  readonly id: string
  readonly organization: string
  readonly seconds: number
}

type Deal = (queue: Queue) => ReadonlyArray<{ readonly build: string; readonly builder: string }>

const builders = [
  { id: "one", slots: 2 },
  { id: "two", slots: 2 },
]
const limits: BuildLimits = { perOrganization: 2 }

/** Twenty builds that wait at once: of one organization twelve came first, then two each of the four others. */
const asked = (): ReadonlyArray<Asked> => {
  const random = randomOf(20)
  const of = (organization: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      id: `${organization}${at}`,
      organization,
      seconds: 30 + Math.round(60 * random()),
    }))
  return [...of("A", 12), ...["B", "C", "D", "E"].flatMap((organization) => of(organization, 2))]
}

const ours: Deal = (queue) => assign(queue, limits).assignments

/** Whoever came first, on whichever builder has room. */
const firstCome: Deal = ({ waiting, running, builders: all }) => {
  const room = all.flatMap(({ id, slots }) =>
    Array<string>(slots - running.filter(({ builder }) => builder === id).length).fill(id),
  )
  return waiting.slice(0, room.length).map(({ id }, at) => ({ build: id, builder: room[at]! }))
}

/** Deals the builds out whenever one has ended, on a clock of its own; seconds that each waited. */
const waits = (deal: Deal): ReadonlyMap<string, ReadonlyArray<number>> => {
  const all = asked()
  const waited = new Map<string, Array<number>>()
  let waiting: ReadonlyArray<WaitingBuild> = all.map(({ id, organization }) => ({
    id,
    organization,
    warm: null,
    lost: [],
    able: null,
  }))
  let running: ReadonlyArray<RunningBuild & { readonly ends: number }> = []
  let served: ReadonlyArray<string> = []
  for (let now = 0; waiting.length > 0; ) {
    for (const { build, builder } of deal({ waiting, running, builders, served })) {
      const { organization, seconds } = all.find(({ id }) => id === build)!
      waited.set(organization, [...(waited.get(organization) ?? []), now])
      served = [...served.filter((other) => other !== organization), organization]
      running = [...running, { organization, builder, ends: now + seconds }]
      waiting = waiting.filter(({ id }) => id !== build)
    }
    now = Math.min(...running.map(({ ends }) => ends))
    running = running.filter(({ ends }) => ends > now)
  }
  return waited
}

/** How long builds of each organization wait in ours, and where who came first is built first. */
export const fairnessBenchmark = (): string => {
  const [fair, first] = [waits(ours), waits(firstCome)]
  const seconds = (values: ReadonlyArray<number>) =>
    `${Math.round(median(values))} | ${Math.round(Math.max(...values))}`
  return [
    "| organization | builds | SkyPanel: median wait (s) | longest | first come, first served: median wait (s) | longest |",
    `|---|${"---:|".repeat(5)}`,
    ...[...fair]
      .sort()
      .map(
        ([organization, mine]) =>
          `| ${organization} | ${mine.length} | ${seconds(mine)} | ${seconds(first.get(organization)!)} |`,
      ),
  ].join("\n")
}
