import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient, type Statement } from "effect/sql"

/*
 * What of the store only some images of a service need, in bytes of files. Layers belong to nobody, so this is asked
 * outside the tenant's role; it tells nothing but sums of what the organization itself has.
 */

/** Of each of these images that is kept: the files that no image needs but the image itself, or those given with it. */
const filesOf = (
  sql: SqlClient.SqlClient,
  [organization, service, digests]: readonly [OrganizationId, ServiceId, ReadonlyArray<string>],
  isOther: (other: Statement.Fragment, digest: Statement.Fragment) => Statement.Fragment,
) => sql`
  with asked as materialized (
    select organization_id, service_id, digest from image
    where organization_id = ${organization} and service_id = ${service} and ${sql.in("digest", digests)}
      and collected_at is null
  ), layers as materialized (
    select a.digest, il.layer_digest, not exists (select from image_layer other join image i
        on i.organization_id = other.organization_id and i.service_id = other.service_id
          and i.digest = other.image_digest and i.collected_at is null
        where other.layer_digest = il.layer_digest and ${isOther(sql`other`, sql`a.digest`)}) as own
    from asked a join image_layer il on il.organization_id = a.organization_id and il.service_id = a.service_id
      and il.image_digest = a.digest
  ), files as (
    select distinct l.digest, p.file_hash from layers l join layer_path lp on lp.digest = l.layer_digest
      join store_path p using (base)
    where l.own and not exists (select from store_path same join layer_path at on at.base = same.base
      join image_layer other on other.layer_digest = at.digest
      join image i on i.organization_id = other.organization_id and i.service_id = other.service_id
        and i.digest = other.image_digest and i.collected_at is null
      where same.file_hash = p.file_hash and ${isOther(sql`other`, sql`l.digest`)})
  )`

/** What would come free if one of these images were gone, of each. */
export const keptBytesOf = (
  organization: OrganizationId,
  service: ServiceId,
  digests: ReadonlyArray<string>,
) =>
  Effect.gen(function* () {
    if (digests.length === 0) return new Map<string, number>()
    const sql = yield* SqlClient.SqlClient
    const isOther = (other: Statement.Fragment, digest: Statement.Fragment) =>
      sql`(${other}.organization_id, ${other}.service_id, ${other}.image_digest)
        <> (${organization}, ${service}, ${digest})`
    const rows = yield* sql<{ digest: string; bytes: number }>`
      ${filesOf(sql, [organization, service, digests], isOther)}
      select a.digest, coalesce(sum(n.file_size), 0)::float8 as bytes
      from asked a left join files f using (digest) left join nar n using (file_hash) group by 1`
    return new Map(rows.map(({ digest, bytes }) => [digest, bytes]))
  })

/** What would come free if all of these images were gone. */
export const freedBytesOf = (
  organization: OrganizationId,
  service: ServiceId,
  digests: ReadonlyArray<string>,
) =>
  Effect.gen(function* () {
    if (digests.length === 0) return 0
    const sql = yield* SqlClient.SqlClient
    const isOther = (other: Statement.Fragment) =>
      sql`not (${other}.organization_id = ${organization} and ${other}.service_id = ${service}
        and ${other}.image_digest in (select digest from asked))`
    const [row] = yield* sql<{ bytes: number }>`
      ${filesOf(sql, [organization, service, digests], isOther)}
      select coalesce(sum(n.file_size), 0)::float8 as bytes
      from nar n where n.file_hash in (select file_hash from files)`
    return row!.bytes
  })
