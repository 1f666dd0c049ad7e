import { PgClient } from "@effect/sql-pg"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { OrganizationId, PreparedCredentialId, UserId, WorkerId } from "@skypanel/contract/Id"
import type { Credential } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { readKnownHost } from "../domain/git/hostKey.ts"
import { newBuildId } from "../domain/id.ts"
import type { Sealed } from "../domain/seal.ts"

export interface PreparedRow extends Pick<Credential, "kind" | "origin" | "username"> {
  readonly id: PreparedCredentialId
  readonly organization_id: OrganizationId
  readonly user_id: UserId
  readonly url: string
  readonly public_key: string | null
  readonly sealed: string
  readonly sealing_key: string
  readonly host_keys: ReadonlyArray<string>
  readonly created_at: Date
  readonly asked_id: string | null
  readonly answered_at: Date | null
  readonly failure: DeploymentFailure | null
  /** Its builder has not answered for long. */
  readonly unanswered: boolean
}

/** A builder gives a host 20 seconds; one that does not answer is given up. */
const patience = "60 seconds"
const kept = "1 day"
export const keptMs = 86_400_000
/** Of one member: whoever makes more loses the oldest. */
const most = 5

/** What it is sealed for, as long as no service has it. */
export const sealedForPrepared = (organization: OrganizationId, id: PreparedCredentialId) => [
  organization,
  id,
  "credential",
]

export interface NewPrepared
  extends Pick<PreparedRow, "id" | "organization_id" | "user_id" | "url" | "origin" | "kind" | "username"> {
  readonly publicKey: string | null
}

export const insertPrepared = ({ publicKey, ...row }: NewPrepared, { sealed, key }: Sealed) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const whose = `skypanel.prepared ${row.organization_id} ${row.user_id}`
    yield* sql`select pg_advisory_xact_lock(hashtext(${whose}))`
    yield* sql`delete from prepared_credential where id in (
      select id from prepared_credential where organization_id = ${row.organization_id} and user_id = ${row.user_id}
      order by created_at desc, id desc offset ${most - 1})`
    yield* sql`insert into prepared_credential ${sql.insert({
      ...row,
      public_key: publicKey,
      sealed,
      sealing_key: key,
    } as never)}`
  })

const columns = (sql: SqlClient.SqlClient) =>
  sql`p.*, asked_id is not null and asked_at < now() - ${patience}::interval as unanswered`

const first = <A>(rows: ReadonlyArray<A>): A | null => rows[0] ?? null

/** Of the member's own. */
export const findPrepared = (organization: OrganizationId, user: UserId, id: PreparedCredentialId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<PreparedRow>`select ${columns(sql)} from prepared_credential p where id = ${id}
        and organization_id = ${organization} and user_id = ${user} and created_at > now() - ${kept}::interval`,
      first,
    ),
  )

/** Locked for the rest of the transaction: a service is about to take it over. */
export const lockPrepared = (organization: OrganizationId, id: PreparedCredentialId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<PreparedRow>`select ${columns(sql)} from prepared_credential p where id = ${id}
        and organization_id = ${organization} and created_at > now() - ${kept}::interval for update`,
      first,
    ),
  )

export const removePrepared = ({ organization_id, id }: Pick<PreparedRow, "organization_id" | "id">) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`delete from prepared_credential where id = ${id} and organization_id = ${organization_id}`,
  )

/** Asks the connected builder that has the fewest such questions; false when there is none. */
export const askBuilder = ({ organization_id, id }: Pick<PreparedRow, "organization_id" | "id">) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update prepared_credential p
        set asked_id = ${newBuildId()}, worker_id = chosen.id, asked_at = now(), answered_at = null, failure = null
        from (select w.id from worker w where w.takes_new and 'builder' = any (w.roles) order by (select count(*)
          from prepared_credential o where o.worker_id = w.id and o.asked_id is not null), w.id limit 1) chosen
        where p.id = ${id} and p.organization_id = ${organization_id} returning p.id`,
      (rows) => rows.length > 0,
    ),
  )

/** Only the worker that was asked may answer. */
export const recordTried = (worker: WorkerId, { id, phase, failure, hostKeys = [] }: BuildObserved) =>
  Effect.gen(function* () {
    if (phase !== "succeeded" && phase !== "failed") return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const [asked] = yield* sql<Pick<PreparedRow, "origin">>`
      select origin from prepared_credential where asked_id = ${id} and worker_id = ${worker}`
    if (asked === undefined) return
    const keys = hostKeys.filter((line) => readKnownHost(line, asked.origin) !== null)
    yield* sql`update prepared_credential set asked_id = null, answered_at = now(),
        failure = ${failure === null ? null : pg.json(failure)},
        host_keys = case when host_keys = '[]' then ${pg.json(keys)}::jsonb else host_keys end
      where asked_id = ${id} and worker_id = ${worker}`
  })

/** Those that nobody has taken over in time. */
export const forgetPrepared = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`delete from prepared_credential where created_at < now() - ${kept}::interval`,
)
