import type { PgClient } from "@effect/sql-pg"
import type { FleetPolicy } from "@skypanel/contract/Fleet"
import type { Notification } from "@skypanel/contract/Notification"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Judgement } from "../domain/workers/judge.ts"
import { Notifications } from "../notify/Notifications.ts"
import { audit, countAudit } from "../store/Audit.ts"
import type { WorkerRow } from "../store/rows.ts"
import { quarantine, recordJudgement } from "../store/Workers.ts"

type Told = Pick<Notification, "kind" | "tone" | "title" | "body">

/** A worker is given up when it is silent and its services get no traffic any more, whatever the word for it is. */
const wasGivenUp = (row: WorkerRow) => row.silent_since !== null && !row.gets_traffic
const isGivenUp = ({ lost, getsTraffic }: Judgement) => lost && !getsTraffic

const lostWords = (name: string, { reason, state }: Judgement, failover: FleetPolicy["failover"]): Told => ({
  kind: "worker-lost",
  tone: "bad",
  title: `${name} is ${state}`,
  body: `${reason} Its services get no traffic. ${
    failover.kind === "at-once"
      ? "They are started elsewhere now, unless half of the fleet is silent."
      : failover.kind === "after"
        ? `They are started elsewhere when it is silent for ${failover.minutes} minutes.`
        : "They are started elsewhere when an administrator says so."
  }`,
})

/** What is to be told when a worker's state became another; null: nothing that anybody waits for. */
const wordsOf = (row: WorkerRow, next: Judgement, policy: FleetPolicy): Told | null => {
  const { name } = row
  if (isGivenUp(next) && !wasGivenUp(row)) return lostWords(name, next, policy.failover)
  if (!next.lost && wasGivenUp(row))
    return { kind: "worker-back", tone: "good", title: `${name} is back`, body: "It answers again." }
  if (next.state === row.state) return null
  switch (next.state) {
    case "unhealthy":
      // Half of the fleet is: one message said so.
      if (next.lost && !isGivenUp(next)) return null
      return {
        kind: "worker-lost",
        tone: "bad",
        title: `${name} is unhealthy`,
        body: `${next.reason} Look at the machine, or remove the worker if it is gone for good.`,
      }
    case "degraded":
      return {
        kind: "worker-degraded",
        tone: "warn",
        title: `${name} takes nothing new`,
        body: next.reason,
      }
    case "drained":
      return { kind: "drain", tone: "good", title: `${name} is empty`, body: "Every service has moved away." }
    default:
      return null
  }
}

const actionOf = (row: WorkerRow, next: Judgement): string => {
  if (isGivenUp(next) && !wasGivenUp(row)) return "worker.lost"
  return !next.lost && wasGivenUp(row) ? "worker.back" : `worker.${next.state}`
}

/** A worker that comes and goes is kept out for a while: what moves to it would have to move again. */
const quarantineIfFlapping = (row: WorkerRow, { flapping }: FleetPolicy) =>
  Effect.gen(function* () {
    const { times, withinMinutes, forMinutes } = flapping
    const lost = yield* countAudit(row.id, "worker.lost", withinMinutes)
    if (lost < times) return
    yield* quarantine(row.id, forMinutes)
    yield* audit({
      action: "worker.quarantined",
      tone: "warn",
      text: `${row.name} was lost ${lost} times within ${withinMinutes} minutes; it is kept out for ${forMinutes}.`,
      worker: row.id,
    })
  })

/** Writes a worker's new state, with what there is to say about it, all or nothing. */
export const applyJudgement = (row: WorkerRow, next: Judgement, policy: FleetPolicy) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    const told = wordsOf(row, next, policy)
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* recordJudgement(row.id, next)
        if (next.state !== row.state || isGivenUp(next) !== wasGivenUp(row))
          yield* audit({
            action: actionOf(row, next),
            tone: told?.tone ?? "info",
            text: `${row.name} is ${next.state}. ${next.reason}`.trim(),
            worker: row.id,
          })
        if (!next.lost && wasGivenUp(row)) yield* quarantineIfFlapping(row, policy)
        if (told !== null) yield* notifications.tell({ ...told, workerId: row.id })
      }),
    )
  })

export type TransitionNeeds = SqlClient.SqlClient | PgClient.PgClient | Notifications
