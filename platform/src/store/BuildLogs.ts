import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Each batch is a transaction of its own: a log has up to some hundred thousand lines. */
const atATime = 20

const removeSome = (days: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const old = yield* sql<{ id: string }>`
          update build set log_removed_at = now() where id in (
            select b.id from build b left join deployment d on d.id = b.deployment_id
            where b.finished_at < now() - make_interval(days => ${days}) and b.log_seq > 0 and b.log_removed_at is null
              and (d.id is null or exists (select from deployment newer join build n on n.deployment_id = newer.id
                where newer.service_id = d.service_id and newer.number > d.number))
            order by b.finished_at limit ${atATime} for update of b skip locked)
          returning id`
        if (old.length > 0)
          yield* sql`delete from build_log where ${sql.in(
            "build_id",
            old.map(({ id }) => id),
          )}`
        return old.length
      }),
    )
  })

/** Logs of builds that ended longer ago go, but for that of each service's newest build: a trial is of no service. Gives how many went. */
export const removeOldBuildLogs = (days: number) =>
  Effect.gen(function* () {
    let removed = 0
    for (let some = atATime; some === atATime; removed += some) some = yield* removeSome(days)
    return removed
  })
