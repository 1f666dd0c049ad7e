import type { OrganizationId, StackId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Sealed } from "../domain/seal.ts"

/** A value of a secret variable that a service of a stack is to be given. */
export interface GivenSecret {
  readonly key: string
  readonly name: string
  readonly sealed: Sealed
}

/** In place of one that was given before and is not set yet. */
export const putGivenSecret = (
  organization: OrganizationId,
  stack: StackId,
  { key, name, sealed }: GivenSecret,
) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`insert into stack_secret_variable (stack_id, organization_id, key, name, sealed, sealing_key)
      values (${stack}, ${organization}, ${key}, ${name}, ${sealed.sealed}, ${sealed.key})
      on conflict (stack_id, key, name) do update set sealed = excluded.sealed, sealing_key = excluded.sealing_key`,
  )

/** Those of a service are here no more: who asks sets them. */
export const takeGivenSecrets = (organization: OrganizationId, stack: StackId, key: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Sealed & { readonly name: string }>`delete from stack_secret_variable
        where organization_id = ${organization} and stack_id = ${stack} and key = ${key}
        returning name, sealed, sealing_key as key`,
      (rows) => rows.map(({ name, ...sealed }): GivenSecret => ({ key, name, sealed })),
    ),
  )

/** Nothing is to be set any more, or only what services of these keys were given. */
export const dropGivenSecrets = (
  organization: OrganizationId,
  stack: StackId,
  kept: ReadonlyArray<string> = [],
) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (
      sql,
    ) => sql`delete from stack_secret_variable where organization_id = ${organization} and stack_id = ${stack}
      and ${kept.length === 0 ? sql`true` : sql`not ${sql.in("key", kept)}`}`,
  )

/** The secret variables of a stack's services, by their keys: those that they have, and those that are to be set. */
export const secretVariableNames = (organization: OrganizationId, stack: StackId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ key: string; name: string; waits: boolean }>`
        select key, name, true as waits from stack_secret_variable
        where organization_id = ${organization} and stack_id = ${stack}
        union all
        select s.stack_key, v.name, false from service s cross join jsonb_object_keys(s.secrets) v (name)
        where s.organization_id = ${organization} and s.stack_id = ${stack} and s.stack_key is not null`,
      (rows) => ({
        of: (key: string): Readonly<Record<string, true>> =>
          Object.fromEntries(rows.flatMap((row) => (row.key === key ? [[row.name, true]] : []))),
        /** Services that are to be given some. */
        waiting: new Set(rows.flatMap((row) => (row.waits ? [row.key] : []))),
      }),
    ),
  )
