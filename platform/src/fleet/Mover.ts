import type { PgClient } from "@effect/sql-pg"
import type { PlacementId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { restMs } from "../domain/rest.ts"
import { type Move, nextMove, type Slot } from "../domain/workers/moves.ts"
import type { Notifications } from "../notify/Notifications.ts"
import { audit } from "../store/Audit.ts"
import { Changes } from "../store/Changes.ts"
import {
  endPlacement,
  leavePlacement,
  type SlotRow,
  servePlacement,
  slotsToLookAt,
} from "../store/Placements.ts"
import { Dispatcher } from "./Dispatcher.ts"
import { FleetPolicies } from "./FleetPolicies.ts"
import { FleetWatch } from "./FleetWatch.ts"
import { Judge } from "./Judge.ts"
import { placeInstance } from "./place.ts"
import { scalingDue } from "./scaling.ts"
import { slotOf } from "./slots.ts"

/** How long a replacement may take: to get the image, to start, to be healthy. */
const patienceMs = 240_000
/** Replacements of drains that are under way at a time: each takes memory and network of the rest. */
const drainingMost = 8
const settleDeadline = "5 seconds"
const atATime = 8
const everywhereEveryMs = 30_000

/** Why an instance cannot go now, for the page. */
export interface Stuck {
  readonly worker: WorkerId
  readonly service: string
  readonly organization: string
  readonly reason: string
}

/** Moves instances: away from workers that are drained or lost, and back into being where one is missing. */
export class Mover extends Context.Service<
  Mover,
  {
    /** What cannot leave a worker, as it was found last. */
    readonly stuckOn: (worker: WorkerId) => ReadonlyArray<Stuck>
  }
>()("platform/fleet/Mover") {
  static readonly layer = Layer.effect(
    Mover,
    Effect.suspend(() => make),
  )
}

const isDrain = (slot: Slot) =>
  slot.placements.some(({ state, reason }) => state === "starting" && reason === "drain")

const make = Effect.gen(function* () {
  const watch = yield* FleetWatch
  const judge = yield* Judge
  const policies = yield* FleetPolicies
  const dispatcher = yield* Dispatcher
  const changes = yield* Changes
  const context = yield* Effect.context<SqlClient.SqlClient | PgClient.PgClient | Notifications>()
  const stuck = new Map<string, Stuck>()

  const keyOf = (row: SlotRow) => `${row.deployment_id}/${row.slot}`
  const setStuck = (row: SlotRow, reason: string | null) => {
    const worker = row.placements?.find(({ state }) => state !== "ended")?.worker_id
    if (reason === null || worker === undefined) stuck.delete(keyOf(row))
    else stuck.set(keyOf(row), { worker, service: row.service, organization: row.organization, reason })
  }

  const place = (row: SlotRow, move: Extract<Move, { do: "place" }>) =>
    placeInstance({
      organizationId: row.organization_id,
      serviceId: row.service_id,
      deploymentId: row.deployment_id,
      slot: row.slot,
      resources: row.resources,
      volume: row.volume,
      reason: move.reason,
      replaces: move.replaces,
      avoid: move.avoid,
    }).pipe(
      Effect.tap(() => Effect.sync(() => setStuck(row, null))),
      Effect.catchTag("NoRoom", ({ reason }) =>
        Effect.andThen(
          Effect.sync(() => setStuck(row, reason)),
          scalingDue("no-capacity", `There is no room for ${row.service} of ${row.organization}. ${reason}`),
        ),
      ),
    )

  /** The old one leaves when every proxy leads to the new one: no request finds a container that ends. */
  const takeOver = (service: ServiceId, by: PlacementId, from: PlacementId) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql.withTransaction(Effect.andThen(servePlacement(by), leavePlacement(from)))
      yield* dispatcher.settle(service).pipe(Effect.timeoutOption(settleDeadline))
      yield* sql`update placement set leaving_at = now() where id = ${from} and state = 'leaving'`
    })

  const end = (row: SlotRow, { placement, failed, why }: Extract<Move, { do: "end" }>) =>
    Effect.gen(function* () {
      const worker = row.placements?.find(({ id }) => id === placement)?.worker_id ?? null
      // One that was healthy gets requests; one that is on a lost worker gets none any more.
      yield* failed || row.volume !== null ? endPlacement(placement) : leavePlacement(placement)
      yield* audit({
        action: "placement.ended",
        tone: failed ? "warn" : "info",
        text: `An instance of ${row.service} (${row.organization}) was ended: ${why}.`,
        worker,
      })
    })

  const carryOut = (row: SlotRow, move: Move) => {
    switch (move.do) {
      case "nothing":
        return Effect.sync(() => setStuck(row, move.stuck))
      case "place":
        return place(row, move)
      case "serve":
        return servePlacement(move.placement)
      case "takeOver":
        return takeOver(row.service_id, move.by, move.from)
      case "end":
        return end(row, move)
    }
  }

  let everywhereAt = Number.NEGATIVE_INFINITY
  const moveAll = Effect.gen(function* () {
    const now = performance.now()
    const everywhere = now > everywhereAt
    const rows = yield* slotsToLookAt(everywhere)
    if (everywhere) everywhereAt = performance.now() + restMs(performance.now() - now, everywhereEveryMs)
    const circumstances = {
      policy: policies.current(),
      brake: judge.holds(),
      fencingForMs: judge.fencingForMs(),
      patienceMs,
    }
    const slots = rows.map((row) => [row, slotOf(row, watch, judge)] as const)
    let drains = slots.filter(([, slot]) => isDrain(slot)).length
    const moves = slots.flatMap(([row, slot]) => {
      const move = nextMove(slot, circumstances)
      const starts = move.do === "place" && move.reason === "drain"
      if (starts && drains >= drainingMost) return []
      if (starts) drains += 1
      return [[row, move] as const]
    })
    const looked = new Set(rows.map(keyOf))
    if (everywhere) for (const key of stuck.keys()) if (!looked.has(key)) stuck.delete(key)
    yield* Effect.forEach(moves, ([row, move]) => carryOut(row, move), {
      concurrency: atATime,
      discard: true,
    })
  }).pipe(
    Effect.catchCause((cause) => Effect.logWarning("moving failed; it is tried again", cause)),
    Effect.provideContext(context),
  )

  const concerns = new Set(["placement", "instance", "worker", "service", "fleet_policy"])
  yield* Stream.merge(
    changes.stream.pipe(Stream.filter(({ table }) => table === null || concerns.has(table))),
    Stream.fromSchedule(Schedule.spaced("1 second")),
  ).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => Effect.andThen(moveAll, Effect.sleep("100 millis"))),
    Effect.forkScoped,
  )
  return {
    stuckOn: (worker) => Array.from(stuck.values()).filter((one) => one.worker === worker),
  } satisfies Mover["Service"]
})
