import { PgClient } from "@effect/sql-pg"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { TemplateId, TemplateVersionId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Of a template's versions, or of one of them: has builders end the trials that they have. Gives those versions. */
export const endTrials = (template: TemplateId, version: TemplateVersionId | null = null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ running: TemplateVersionId | null }>`
      select case when worker_id is not null and finished_at is null then template_version_id end as running
      from build where template_version_id in (select id from template_version where template_id = ${template}
        and ${version === null ? sql`true` : sql`id = ${version}`}) for update`
    const running = rows.flatMap(({ running }) => (running === null ? [] : [running]))
    if (running.length > 0) {
      yield* sql`update build set canceled = true where ${sql.in("template_version_id", running)}`
      yield* sql`update template_version set withdrawn_at = now() where ${sql.in("id", running)}`
    }
    return running
  })

/**
 * Deletes drafts that were withdrawn while a builder had their trial, once it has ended: until then it has its place. A
 * template that somebody changes just now is looked at again.
 */
export const deleteEndedDrafts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const ended = sql`v.withdrawn_at is not null and v.published_at is null
    and not exists (select from build b where b.template_version_id = v.id
      and b.finished_at is null and b.worker_id is not null)`
  const locked = yield* sql<{ id: TemplateId }>`select t.id from template t
    where t.id in (select v.template_id from template_version v where ${ended}) for update skip locked`
  if (locked.length === 0) return
  const ids = locked.map(({ id }) => id)
  yield* sql`delete from template_version v where ${sql.in("template_id", ids)} and ${ended}`
  yield* sql`delete from template t where ${sql.in("id", ids)} and t.removed_at is not null
    and not exists (select from template_version v where v.template_id = t.id)`
})

/** A trial has no deployment that would tell it: one that waits fails when no builder has been there for so long. */
export const failUnservedTrials = (builders: number, seconds: number, failure: DeploymentFailure) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const waits = sql`template_version_id is not null and finished_at is null and worker_id is null`
    if (builders > 0) {
      yield* sql`update build set unserved_since = null where ${waits} and unserved_since is not null`
      return
    }
    yield* sql`update build set unserved_since = now() where ${waits} and unserved_since is null`
    yield* sql`update build set phase = 'failed', finished_at = now(), queue_position = null, queue_reason = null,
        failure = ${pg.json(failure)}
      where ${waits} and unserved_since < now() - make_interval(secs => ${seconds})`
  })
