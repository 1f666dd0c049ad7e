import type { PgClient } from "@effect/sql-pg"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Notifications } from "../notify/Notifications.ts"
import { Cluster } from "../orchestrator/Cluster.ts"
import { audit } from "../store/Audit.ts"
import type { WorkerRow } from "../store/rows.ts"
import { revokeWorkerKeys } from "../store/WorkerKeys.ts"
import { AgentSessions } from "./AgentSessions.ts"
import { sendDown } from "./admission.ts"
import { impossible } from "./requests/lockedWorker.ts"

/** How long a worker may take to leave the cluster by itself, before its node is taken out. */
const leaveDeadline = "15 seconds"

/** Workers that an administrator wants removed and that are empty: nothing runs or is built there. */
const emptied = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<WorkerRow>`
    select * from worker w where w.availability = 'remove' and w.removed_at is null
      and not exists (select from placement p where p.worker_id = w.id and not p.gone)
      and not exists (select from build b where b.worker_id = w.id and b.finished_at is null)`,
)

/** It says itself that it is a member no more: the manager would not know for days. */
const hasLeft = (row: WorkerRow) =>
  Effect.gen(function* () {
    const sessions = yield* AgentSessions
    const hello = sessions.get(row.id)?.hello
    return hello === undefined || hello === null || hello.orchestratorNodeId !== row.node_id
  })

/** It lets the engine leave while it can still be told to; a node that does not is taken out all the same. */
const leaveCluster = (row: WorkerRow) =>
  Effect.gen(function* () {
    const sessions = yield* AgentSessions
    const cluster = yield* Cluster
    const live = sessions.get(row.id)
    if (live !== undefined) sendDown(live.connection, { _tag: "leave" })
    if (row.node_id === null) return
    const nodeId = row.node_id
    if (live !== undefined)
      yield* hasLeft(row).pipe(
        Effect.repeat({ schedule: Schedule.spaced("200 millis"), until: (left) => left }),
        Effect.timeoutOption(leaveDeadline),
      )
    // A manager is the platform's own machine, which stays in the cluster whoever is a worker.
    const node = (yield* cluster.nodes).find(({ id }) => id === nodeId)
    if (node !== undefined && !node.isManager) yield* cluster.remove(nodeId)
  })

/** What is written when a worker is none any more. Its history, and the name of what it did, stay. */
const forget = (row: WorkerRow, actor: string | undefined, text: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* revokeWorkerKeys(row.id)
        yield* sql`update placement set state = 'ended', ended_at = coalesce(ended_at, now()), gone = true
          where worker_id = ${row.id} and not gone`
        yield* sql`delete from instance where worker_id = ${row.id}`
        yield* sql`update service set volume_worker_id = null where volume_worker_id = ${row.id}`
        yield* sql`update alert set ended_at = now() where worker_id = ${row.id} and ended_at is null`
        yield* sql`update worker set removed_at = now(), state = 'removed', state_reason = '', state_since = now(),
            takes_new = false, gets_traffic = false, silent_since = null where id = ${row.id}`
        yield* audit({
          ...(actor === undefined ? {} : { actor }),
          action: "worker.removed",
          text,
          worker: row.id,
        })
        yield* notifications.tell({
          kind: "worker-added",
          tone: "info",
          title: `${row.name} was removed`,
          body: text,
          workerId: row.id,
        })
      }),
    )
  })

const finish = (row: WorkerRow) =>
  Effect.gen(function* () {
    const sessions = yield* AgentSessions
    yield* leaveCluster(row)
    yield* forget(
      row,
      row.drain_by ?? undefined,
      `${row.name} is no worker any more; its identity was revoked.`,
    )
    yield* sessions.expel(row.id)
  })

const answering: ReadonlyArray<WorkerRow["state"]> = ["active", "degraded", "draining", "drained"]

/** For a machine that is gone for good: at once, whatever ran there, and with the volumes that were only there. */
export const removeByForce = (row: WorkerRow, actor: string) =>
  Effect.gen(function* () {
    if (row.availability !== "remove" && answering.includes(row.state))
      return yield* impossible(
        `"${row.name}" answers: by force its services would end before they run elsewhere.`,
        "Remove it without force; that drains it first.",
      )
    const sessions = yield* AgentSessions
    const cluster = yield* Cluster
    const live = sessions.get(row.id)
    if (live !== undefined) sendDown(live.connection, { _tag: "leave" })
    yield* forget(row, actor, `${row.name} was removed by force; what ran there is started elsewhere.`)
    if (row.node_id !== null)
      yield* cluster
        .remove(row.node_id)
        .pipe(Effect.catch((error) => Effect.logWarning(`the node of ${row.name} stays for now`, error)))
    yield* sessions.expel(row.id)
  })

/** Ends the workers that shall be none any more, as soon as they are empty. */
export const runRemovals: Effect.Effect<
  void,
  never,
  SqlClient.SqlClient | PgClient.PgClient | Notifications | Cluster | AgentSessions
> = emptied.pipe(
  Effect.flatMap((rows) => Effect.forEach(rows, finish, { discard: true })),
  Effect.catchCause((cause) => Effect.logWarning("cannot remove a worker; it is tried again", cause)),
  Effect.repeat(Schedule.spaced("1 second")),
  Effect.asVoid,
)
