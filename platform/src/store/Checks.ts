import { PgClient } from "@effect/sql-pg"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { PackagePlan } from "@skypanel/contract/Check"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { BuildId, CheckId, OrganizationId, ServiceId, UserId, WorkerId } from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newBuildId } from "../domain/id.ts"

export interface CheckRow {
  readonly id: CheckId
  readonly organization_id: OrganizationId
  readonly user_id: UserId
  readonly source: Source
  readonly worker_id: WorkerId | null
  readonly finished_at: Date | null
  readonly plan: PackagePlan | null
  readonly failure: DeploymentFailure | null
}

/** A builder that does not answer for so long is given up, and another one is asked. */
const builderLasts = "120 seconds"
/** So long a check waits for a builder, anew when one was lost. */
const waitsLongest = "30 seconds"
/** One that is older is not asked again: it has lost several builders, or is what they are lost by. */
const askedAgainWithin = "5 minutes"
const kept = "1 hour"

export interface NewCheck {
  readonly id: CheckId
  readonly organization: OrganizationId
  readonly user: UserId
  readonly source: Source
  readonly service: ServiceId | null
}

/** In place of the member's last one, which ends: deleted and not changed, so that its builder hears of it. */
export const replaceCheck = ({ id, organization, user, source, service }: NewCheck) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`select pg_advisory_xact_lock(hashtext(${`skypanel.check ${organization} ${user}`}))`
    yield* sql`delete from source_check where organization_id = ${organization} and user_id = ${user}`
    yield* sql`insert into source_check (id, organization_id, user_id, source, service_id)
      values (${id}, ${organization}, ${user}, ${pg.json(source)}, ${service})`
  })

/** Of the organization, without the member's own, which is about to end. */
export const openChecks = (organization: OrganizationId, user: UserId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ count: number }>`select count(*)::int as count from source_check
      where organization_id = ${organization} and user_id <> ${user} and finished_at is null`
    return row?.count ?? 0
  })

export const findCheck = (organization: OrganizationId, user: UserId, id: CheckId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<CheckRow>`select * from source_check
        where id = ${id} and organization_id = ${organization} and user_id = ${user}`,
      (rows) => rows[0] ?? null,
    ),
  )

/** What a builder's token of a check is for, as long as the builder has it. */
export const findAskedCheck = (asked: BuildId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<CheckRow>`select * from source_check
        where asked_id = ${asked} and worker_id is not null and finished_at is null`,
      (rows) => rows[0] ?? null,
    ),
  )

/** Only the worker that was asked may answer. */
export const recordCheck = (worker: WorkerId, { id, phase, plan, failure }: BuildObserved) =>
  Effect.gen(function* () {
    if (phase !== "succeeded" && phase !== "failed") return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update source_check set finished_at = now(), plan = ${plan ? pg.json(plan) : null},
        failure = ${failure === null ? null : pg.json(failure)}
      where asked_id = ${id} and worker_id = ${worker} and finished_at is null`
  })

/** Whether any connected builder knows what a check is. */
export const canCheck = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql`select from worker where takes_new and 'builder' = any (roles) and (hello ->> 'checkSlots')::int > 0 limit 1`,
    (rows) => rows.length > 0,
  ),
)

/**
 * Asks a builder for the next check, until none waits or none has room: first for the organization that has the fewest
 * under way. No organization has more than half of what a builder takes, but one: whose sources are slow holds up itself.
 * Of several platforms one deals checks out at a time.
 */
export const dealChecks = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const dealOne = Effect.suspend(() =>
    sql.withTransaction(
      Effect.andThen(
        sql`select pg_advisory_xact_lock(hashtext('skypanel.checks'))`,
        sql`update source_check set asked_id = ${newBuildId()}, worker_id = next.worker_id, asked_at = now()
        from (select c.id, builder.id as worker_id from source_check c, (
              select w.id, (w.hello ->> 'checkSlots')::int as slots, (select count(*) from source_check o
                where o.worker_id = w.id and o.finished_at is null) as taken
              from worker w where w.takes_new and 'builder' = any (w.roles)) builder
            where c.asked_id is null and c.finished_at is null and builder.taken < builder.slots
              and (select count(*) from source_check o where o.worker_id = builder.id and o.finished_at is null
                and o.organization_id = c.organization_id) < greatest(1, builder.slots / 2)
            order by (select count(*) from source_check o where o.organization_id = c.organization_id
                and o.asked_id is not null and o.finished_at is null), c.created_at, c.id,
              builder.slots - builder.taken desc, builder.id limit 1) next
        where source_check.id = next.id returning source_check.id`,
      ),
    ),
  )
  while ((yield* dealOne).length > 0) {}
})

const nobody: DeploymentFailure = {
  step: "building",
  code: "no-builder",
  title: "No builder could check this.",
  detail: "",
  next: "Check it again in a moment; a deployment waits for a builder.",
  lines: [],
  location: null,
}
const busy: DeploymentFailure = {
  ...nobody,
  title: "The builders are busy with other checks.",
  next: "Check it again in a moment.",
}

/** Takes checks back from builders that are gone, ends those that nobody answers, and forgets old ones. */
export const tendChecks = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const pg = yield* PgClient.PgClient
  const unanswered = sql`finished_at is null and asked_id is not null and (asked_at < now() - ${builderLasts}::interval
    or not exists (select from worker w where w.id = worker_id and w.takes_new))`
  yield* sql`update source_check set finished_at = now(), failure = ${pg.json(nobody)}
    where ${unanswered} and created_at < now() - ${askedAgainWithin}::interval`
  yield* sql`update source_check set asked_id = null, worker_id = null, waiting_since = now() where ${unanswered}`
  const waited = pg.json((yield* canCheck) ? busy : nobody)
  yield* sql`update source_check set finished_at = now(), failure = ${waited}
    where finished_at is null and asked_id is null and waiting_since < now() - ${waitsLongest}::interval`
  yield* sql`delete from source_check where created_at < now() - ${kept}::interval`
})
