import type { PgClient } from "@effect/sql-pg"
import type { WorkerId } from "@skypanel/contract/Id"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import {
  type AlertKind,
  adviceOf,
  alertKinds,
  calm,
  limitOf,
  nextWatch,
  percentOf,
  type Watch,
} from "../domain/workers/alerts.ts"
import { Notifications } from "../notify/Notifications.ts"
import { endAlert, openAlerts, startAlert } from "../store/Alerts.ts"
import { audit } from "../store/Audit.ts"
import type { Report } from "../store/Measurements.ts"
import { FleetPolicies } from "./FleetPolicies.ts"
import { FleetWatch, type Watched } from "./FleetWatch.ts"
import { Measurements } from "./Measurements.ts"
import { scalingDue } from "./scaling.ts"

const nouns: Record<AlertKind, string> = { cpu: "CPU", memory: "memory", disk: "disk" }

const tell = (
  of: Watched,
  kind: AlertKind,
  started: boolean,
  report: Report,
  percent: number,
  limit: number,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    const { id, name } = of.row
    const title = started
      ? `${nouns[kind]} of ${name} is above ${limit} %`
      : `${nouns[kind]} of ${name} is below ${limit} % again`
    const tone = started ? "warn" : "good"
    const isNew = yield* sql.withTransaction(
      Effect.gen(function* () {
        if (!(yield* started ? startAlert(id, kind) : endAlert(id, kind))) return false
        yield* audit({
          action: started ? "alert.started" : "alert.ended",
          tone,
          text: `${title}.`,
          worker: id,
        })
        yield* notifications.tell({
          kind: "alert",
          tone,
          title,
          body: started ? `It is at ${Math.round(percent)} %. ${adviceOf(kind, report)}` : "",
          workerId: id,
        })
        return true
      }),
    )
    if (isNew && started) yield* scalingDue(kind, `${title}.`)
  })

/** Looks at each measurement: an alert is told once when it starts, and once when it ends. */
export const runAlerts = Effect.gen(function* () {
  const measurements = yield* Measurements
  const policies = yield* FleetPolicies
  const fleet = yield* FleetWatch
  const watches = new Map<string, Watch>()
  const keyOf = (worker: WorkerId, kind: AlertKind) => `${worker}/${kind}`
  for (const { worker_id, kind } of yield* openAlerts)
    watches.set(keyOf(worker_id, kind), { ...calm, open: true })

  const look = (report: Report, kind: AlertKind) =>
    Effect.gen(function* () {
      const of = fleet.get(report.workerId)
      if (of === undefined || of.hello === null) return
      const policy = policies.current()
      const limit = limitOf(kind, policy)
      const percent = percentOf(kind, report, of.hello.capacity)
      const key = keyOf(report.workerId, kind)
      const forMs = policy.alerts.forSeconds * 1000
      const step = nextWatch(watches.get(key) ?? calm, percent, limit, forMs, performance.now())
      watches.set(key, step.watch)
      if (step.tell !== null) yield* tell(of, kind, step.tell === "started", report, percent, limit)
    }).pipe(Effect.catch((error) => Effect.logWarning("cannot tell of an alert", error)))

  yield* Stream.runForEach(measurements.written, (reports) =>
    Effect.forEach(
      reports,
      (report) => Effect.forEach(alertKinds, (kind) => look(report, kind), { discard: true }),
      { discard: true },
    ),
  )
})

export type AlertNeeds = SqlClient.SqlClient | PgClient.PgClient | Notifications
