import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** For what reads all there is, so that nobody waits for it: with very much it takes longer than a statement usually may. */
export const patiently = <A, E, R>(read: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(Effect.andThen(sql`set local statement_timeout = '5min'`, read)),
  )
