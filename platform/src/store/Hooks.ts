import { PgClient } from "@effect/sql-pg"
import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { ChangeHook, HookDelivery } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { DeliveryNames } from "../domain/git/hookRequest.ts"
import type { Sealed } from "../domain/seal.ts"
import type { ServiceRow } from "./rows.ts"

export interface HookRow {
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly sealed: string
  readonly sealing_key: string
  readonly paths: ReadonlyArray<string>
  readonly enabled: boolean
}

/** Whoever knows the URL asks, before it is known whose it is. */
export const findHook = (id: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<HookRow>`select service_id, organization_id, sealed, sealing_key, paths, enabled from hook
        where id = ${id} and enabled`,
      (rows) => rows[0] ?? null,
    ),
  )

const its = (service: Pick<ServiceRow, "id" | "organization_id">) =>
  Effect.map(
    SqlClient.SqlClient,
    (sql) => sql`service_id = ${service.id} and organization_id = ${service.organization_id}`,
  )

/** A new one, or a new secret for the one there is, which is on again. */
export const putHook = (service: ServiceRow, id: string, { sealed, key }: Sealed, createdBy: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      insert into hook (service_id, organization_id, id, sealed, sealing_key, paths, created_by)
      values (${service.id}, ${service.organization_id}, ${id}, ${sealed}, ${key}, '[]', ${createdBy})
      on conflict (service_id) do update set sealed = excluded.sealed, sealing_key = excluded.sealing_key,
        enabled = true, refused_at = null, created_by = excluded.created_by, created_at = now()`,
  )

/** Gives whether there is one. */
export const updateHook = (service: ServiceRow, change: ChangeHook) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const paths = change.paths === undefined ? null : pg.json(change.paths)
    const rows = yield* sql`update hook set paths = coalesce(${paths}::jsonb, paths),
        enabled = coalesce(${change.enabled ?? null}::boolean, enabled)
      where ${yield* its(service)} returning id`
    return rows.length > 0
  })

export const deleteHook = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`delete from hook where ${yield* its(service)}`
    yield* sql`delete from hook_delivery where ${yield* its(service)}`
  })

/** Strangers may send as much as they like: one write in ten seconds. */
export const noteRefusal = ({ service_id }: HookRow) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update hook set refused_at = now() where service_id = ${service_id}
      and (refused_at is null or refused_at < now() - interval '10 seconds')`,
  )

/** Shown are the newest 50; one of the newest 1,000 that comes again is known. */
const keptMost = 1000

type ToRecord = Omit<HookDelivery, "at">

/** By what its sender calls it, or by what it is. Asked with the service's row locked. */
export const isDelivered = (service: ServiceRow, { delivery, digest }: DeliveryNames) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`select from hook_delivery
      where ${yield* its(service)} and (delivery = ${delivery} or digest = ${digest})`
    return rows.length > 0
  })

export const recordDelivery = (service: ServiceRow, names: DeliveryNames, delivery: ToRecord) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into hook_delivery ${sql.insert({
      service_id: service.id,
      organization_id: service.organization_id,
      delivery: names.delivery,
      digest: names.digest,
      provider: delivery.provider,
      event: delivery.event.slice(0, 100),
      branch: delivery.branch,
      revision: delivery.revision,
      author: delivery.author,
      outcome: delivery.outcome,
      reason: delivery.reason,
      deployment_number: delivery.deployment,
    } as never)}`
    yield* sql`delete from hook_delivery where ${yield* its(service)} and digest in (
      select digest from hook_delivery where ${yield* its(service)} order by at desc offset ${keptMost})`
  })

interface DeliveryRow extends Omit<HookDelivery, "at" | "deployment"> {
  readonly at: Date
  readonly deployment_number: number | null
}

/** Newest first. */
export const listDeliveries = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<DeliveryRow>`
      select at, provider, event, branch, revision, author, outcome, reason, deployment_number from hook_delivery
      where ${yield* its(service)} order by at desc limit 50`
    return rows.map(
      ({ deployment_number, at, ...row }): HookDelivery => ({
        ...row,
        at: at.toISOString(),
        deployment: deployment_number,
      }),
    )
  })
