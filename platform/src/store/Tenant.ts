import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"

/**
 * Runs in a transaction that sees and writes only what belongs to the organization: row-level security holds even
 * where a query forgets to ask. The engine's own work, which spans organizations, runs without it.
 */
export const asTenant = <A, E, R>(
  organization: OrganizationId,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | SqlError.SqlError, R | SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(
      sql`select set_config('role', 'skypanel_tenant', true), set_config('skypanel.organization_id', ${organization}, true)`.pipe(
        Effect.andThen(effect),
      ),
    ),
  )
