import type { ScalingTrigger } from "@skypanel/contract/Fleet"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Notifications } from "../notify/Notifications.ts"
import { audit } from "../store/Audit.ts"
import { loadFleetPolicy } from "../store/FleetPolicies.ts"
import { countWorkers } from "../store/Workers.ts"

const action = "scaling.due"
/** Without a scaling policy administrators are told all the same, but not more often than this. */
const quietMinutes = 30

const happenedWithin = (action: string, minutes: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`select 1 from audit_event where action = ${action} and at > now() - make_interval(mins => ${minutes}) limit 1`,
      (rows) => rows.length > 0,
    ),
  )

const tellNoCapacity = (why: string) =>
  Effect.gen(function* () {
    const notifications = yield* Notifications
    if (yield* happenedWithin("fleet.no-capacity", quietMinutes)) return
    yield* audit({ action: "fleet.no-capacity", tone: "warn", text: why })
    yield* notifications.tell({
      kind: "capacity",
      tone: "warn",
      title: "There is no room for a service",
      body: `${why} Add a worker, or let services ask for less.`,
      workerId: null,
    })
  })

/**
 * The fleet is short of something: what the scaling policy says is due is written down and told, once in its pause.
 * Carrying it out through a VPS provider comes later.
 */
export const scalingDue = (trigger: ScalingTrigger, why: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    const { scaling } = yield* loadFleetPolicy
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`select pg_advisory_xact_lock(hashtext('skypanel.scaling'))`
        if (trigger === "no-capacity") yield* tellNoCapacity(why)
        if (scaling === null || !scaling.on.includes(trigger)) return
        if (yield* happenedWithin(action, scaling.pauseMinutes)) return
        const workers = yield* countWorkers("services")
        if (workers >= scaling.workersMost) return
        const what = `a ${scaling.plan} in ${scaling.region} at ${scaling.provider}`
        yield* audit({
          action,
          tone: "warn",
          text: `Another worker is due (${trigger}): ${what}. ${why}`,
          detail: { trigger, workers, ...scaling },
        })
        yield* notifications.tell({
          kind: "capacity",
          tone: "warn",
          title: `Another worker is due: ${what}`,
          body: `${why} The fleet has ${workers} of at most ${scaling.workersMost} workers. Add it on the workers page.`,
          workerId: null,
        })
      }),
    )
  })
