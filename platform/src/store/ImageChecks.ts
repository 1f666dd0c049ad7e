import type { OrganizationId } from "@skypanel/contract/Id"
import type { ChangeImagePolicy, ImageCheck } from "@skypanel/contract/ImageCheck"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type KnownOfImage, nothingKnown } from "../domain/imageCheck.ts"
import { canAnswer, isWanted } from "./Polls.ts"
import type { ServiceRow } from "./rows.ts"

/** Whether any connected builder knows images. */
export const canAskRegistries = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql`select from worker w where ${canAnswer(sql, "image")} limit 1`, (rows) => rows.length > 0),
)

interface Row {
  readonly action: ImageCheck["action"]
  readonly minutes: number | null
  readonly answered_at: Date | null
  readonly revision: string | null
  readonly revision_at: Date | null
  readonly failure: ImageCheck["failure"]
  readonly asked: boolean
  readonly wanted: boolean
}

export const readKnown = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] =
      yield* sql<Row>`select p.action, p.minutes, p.answered_at, p.revision, p.revision_at, p.failure,
        p.asked_id is not null as asked, ${isWanted(sql)} as wanted
      from poll p join service s on s.id = p.service_id
      where p.service_id = ${service.id} and p.organization_id = ${service.organization_id} and p.kind = 'image'`
    if (row === undefined) return nothingKnown
    const { answered_at: answeredAt, revision_at: revisionAt, ...known } = row
    return { ...known, answeredAt, revisionAt } satisfies KnownOfImage
  })

/** Somebody asks, and waits for the answer. */
export const wantCheck = (service: ServiceRow, registry: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`insert into poll (service_id, organization_id, kind, action, registry, wanted_at)
      values (${service.id}, ${service.organization_id}, 'image', 'off', ${registry}, now())
      on conflict (service_id, kind) do update set wanted_at = now(), registry = excluded.registry`,
  )

/** Another action concerns also what is known already. */
export const setImagePolicy = (
  service: ServiceRow,
  registry: string,
  { action, minutes }: Required<ChangeImagePolicy>,
) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`insert into poll (service_id, organization_id, kind, action, minutes, registry)
      values (${service.id}, ${service.organization_id}, 'image', ${action}, ${action === "off" ? null : minutes}, ${registry})
      on conflict (service_id, kind) do update set action = excluded.action, minutes = excluded.minutes,
        registry = excluded.registry,
        taken_revision = case when poll.action = excluded.action then poll.taken_revision end`,
  )

/** Until when nobody of the organization asks the registry; null: anybody may. */
export const limitOf = (organization: OrganizationId, registry: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ until: Date | null }>`select max(limited_until) as until from poll
        where organization_id = ${organization} and registry = ${registry} and limited_until > now()`,
      ([row]) => row?.until ?? null,
    ),
  )

/** With another credential the registry may answer again. */
export const liftLimit = (organization: OrganizationId, registry: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update poll set limited_until = null, limited_times = 0
      where organization_id = ${organization} and registry = ${registry} and limited_times > 0`,
  )

/** The digest that serves, where the release that does is of the service's source as it is now. */
export const servingDigest = (service: ServiceRow) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ revision: string | null }>`select r.revision from service s
        join release r on r.id = s.current_release_id and r.source = s.source
        where s.id = ${service.id} and s.organization_id = ${service.organization_id}`,
      ([row]) => row?.revision ?? null,
    ),
  )

/** The newest deployment that is, or was, of the digest; `exactly`: of those that were made for it. */
export const deploymentOf = (service: ServiceRow, digest: string, exactly: boolean) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ number: number | null }>`select max(d.number) as number
        from deployment d join service s on s.id = d.service_id left join build b on b.deployment_id = d.id
        where s.id = ${service.id} and s.organization_id = ${service.organization_id} and d.source = s.source
          and ${exactly ? sql`d.pinned_revision` : sql`coalesce(d.pinned_revision, b.result ->> 'revision')`} = ${digest}`,
      ([row]) => row?.number ?? null,
    ),
  )

/** So many digests that members were told of are remembered. */
const toldMost = 50

/** True the first time. */
export const rememberTold = (service: ServiceRow, digest: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update poll set told = (told || ${digest}::text)[greatest(1, cardinality(told) + 2 - ${toldMost}):]
        where service_id = ${service.id} and organization_id = ${service.organization_id} and kind = 'image'
          and ${digest} <> all (told) returning service_id`,
      (rows) => rows.length > 0,
    ),
  )
