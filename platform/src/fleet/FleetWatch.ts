import type { Hello, Observed, WorkerProblem } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import type { WorkerFacts } from "../domain/workers/judge.ts"
import { startupGrace } from "../domain/workers/startupGrace.ts"
import { Changes } from "../store/Changes.ts"
import { loadWorkers, type WorkerWithReport } from "../store/Workers.ts"

/** What is known of a worker: its row, and what was heard of it by this process. */
export interface Watched {
  row: WorkerWithReport
  /** Milliseconds on this process' own clock; no machine's clock has to be right. */
  heardAt: number
  heartbeatAt: number | null
  connected: boolean
  /** It was there before this process, which has not heard it yet. */
  awaited: boolean
  hello: Hello | null
  goodbye: WorkerFacts["goodbye"]
  problems: ReadonlyArray<WorkerProblem>
  unreachablePeers: ReadonlyArray<WorkerId>
  clockAheadMs: number
  /** Whether its engine is a node of the cluster; null: not looked yet. */
  member: boolean | null
  /** Whether its proxy answered when it was asked last; null: not since it was heard. */
  proxyAnswers: boolean | null
}

/** The workers in memory: what changes with each pulse must not be in the database. */
export class FleetWatch extends Context.Service<
  FleetWatch,
  {
    readonly all: () => ReadonlyArray<Watched>
    readonly get: (id: WorkerId) => Watched | undefined
    /** Any frame of its agent. */
    readonly heard: (id: WorkerId) => void
    /** Reads its row when it is new: it may have registered a moment ago. Before that, nothing heard of it counts. */
    readonly meet: (id: WorkerId) => Effect.Effect<void>
    readonly connected: (id: WorkerId) => void
    readonly disconnected: (id: WorkerId) => void
    readonly introduced: (id: WorkerId, hello: Hello) => void
    readonly observed: (id: WorkerId, observed: Observed) => void
    readonly leaves: (id: WorkerId, why: NonNullable<WorkerFacts["goodbye"]>) => void
    readonly isMember: (id: WorkerId, member: boolean) => void
    readonly proxyAnswered: (id: WorkerId, answers: boolean) => void
    /** Reads the rows that changed since the last time. */
    readonly refresh: Effect.Effect<void>
  }
>()("platform/fleet/FleetWatch") {
  static readonly layer = Layer.effect(
    FleetWatch,
    Effect.suspend(() => make),
  )
}

const now = () => performance.now()

const watchedOf = (row: WorkerWithReport, awaited: boolean): Watched => ({
  row,
  heardAt: now(),
  heartbeatAt: row.last_heartbeat_at === null ? null : now(),
  connected: false,
  awaited,
  hello: row.hello,
  goodbye: row.goodbye,
  problems: row.report?.problems ?? [],
  unreachablePeers: row.report?.unreachable_peers ?? [],
  clockAheadMs: 0,
  member: null,
  proxyAnswers: null,
})

const make = Effect.gen(function* () {
  const changes = yield* Changes
  const sql = yield* SqlClient.SqlClient
  const watched = new Map<WorkerId, Watched>()
  /** Rows to read again; null: all of them. */
  let stale: Set<WorkerId> | null = null

  yield* changes.stream.pipe(
    Stream.runForEach(({ table, worker }) =>
      Effect.sync(() => {
        if (table === null) stale = null
        else if (worker !== null && (table === "worker" || table === "placement"))
          stale?.add(worker as WorkerId)
      }),
    ),
    Effect.forkScoped,
  )

  const grace = startupGrace(now())
  const all = () => {
    const those = Array.from(watched.values())
    const until = grace.until()
    for (const of of those) if (of.awaited) of.heardAt = Math.max(of.heardAt, until)
    return those
  }

  const keep = (rows: ReadonlyArray<WorkerWithReport>, awaited: boolean) => {
    for (const row of rows) {
      const known = watched.get(row.id)
      if (known === undefined) watched.set(row.id, watchedOf(row, awaited))
      else known.row = row
    }
  }
  const read = (only: ReadonlyArray<WorkerId> | null, awaited: boolean) =>
    Effect.gen(function* () {
      const rows = yield* loadWorkers(only)
      keep(rows, awaited)
      const there = new Set(rows.map(({ id }) => id))
      for (const id of only ?? Array.from(watched.keys())) if (!there.has(id)) watched.delete(id)
    }).pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.catch((error) =>
        Effect.andThen(
          Effect.logWarning("cannot read the workers", error),
          Effect.sync(() => {
            stale = null
          }),
        ),
      ),
    )
  const load = (awaited: boolean) =>
    Effect.suspend(() => {
      const only = stale === null ? null : Array.from(stale)
      stale = new Set()
      return only?.length === 0 ? Effect.void : read(only, awaited)
    })

  const change = (id: WorkerId, update: (of: Watched) => void) => {
    const known = watched.get(id)
    if (known !== undefined) update(known)
  }
  const hear = (of: Watched) => {
    of.heardAt = now()
    of.awaited = false
    of.proxyAnswers = null
  }

  yield* load(true)
  return {
    all,
    get: (id) => watched.get(id),
    heard: (id) => change(id, hear),
    meet: (id) => Effect.suspend(() => (watched.has(id) ? Effect.void : read([id], false))),
    connected: (id) =>
      change(id, (of) => {
        if (of.awaited) grace.cameBack(now())
        hear(of)
        of.connected = true
        of.goodbye = null
      }),
    disconnected: (id) =>
      change(id, (of) => {
        of.connected = false
      }),
    introduced: (id, hello) =>
      change(id, (of) => {
        of.hello = hello
      }),
    observed: (id, { at, problems, unreachablePeers }) =>
      change(id, (of) => {
        of.heartbeatAt = now()
        of.problems = problems
        of.unreachablePeers = unreachablePeers
        of.clockAheadMs = Date.parse(at) - Date.now()
      }),
    leaves: (id, why) =>
      change(id, (of) => {
        of.goodbye = why
      }),
    isMember: (id, member) =>
      change(id, (of) => {
        of.member = member
      }),
    proxyAnswered: (id, answers) =>
      change(id, (of) => {
        of.proxyAnswers = answers
      }),
    // A worker that is new to us has just been made: it is heard from now on.
    refresh: Effect.suspend(() => load(false)),
  } satisfies FleetWatch["Service"]
})
