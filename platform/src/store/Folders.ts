import type { Folder, FolderDigest } from "@skypanel/contract/Folder"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

interface FolderRow {
  readonly digest: FolderDigest
  readonly files: number
  readonly bytes: bigint
}

const toFolder = (row: FolderRow): Folder => ({ ...row, bytes: Number(row.bytes) })

export const touchFolder = (organization: OrganizationId, digest: FolderDigest) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<FolderRow>`update folder set used_at = now()
        where organization_id = ${organization} and digest = ${digest} returning digest, files, bytes`,
      ([row]) => (row === undefined ? null : toFolder(row)),
    ),
  )

export const folderBytesOf = (organization: OrganizationId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ bytes: bigint }>`select coalesce(sum(packed_bytes), 0)::bigint as bytes from folder
        where organization_id = ${organization}`,
      ([row]) => Number(row!.bytes),
    ),
  )

export const saveFolder = (organization: OrganizationId, folder: Folder & { readonly packedBytes: number }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`insert into folder (organization_id, digest, files, bytes, packed_bytes)
      values (${organization}, ${folder.digest}, ${folder.files}, ${folder.bytes}, ${folder.packedBytes})
      on conflict (organization_id, digest) do update
        set used_at = now(), packed_bytes = excluded.packed_bytes`,
  )

const isUnused = Effect.map(
  SqlClient.SqlClient,
  (sql) => sql`f.used_at < now() - interval '1 day'
    and not exists (select from service s where s.organization_id = f.organization_id
      and s.source ->> '_tag' = 'folder' and s.source ->> 'digest' = f.digest)
    and not exists (select from release r where r.organization_id = f.organization_id
      and r.source ->> '_tag' = 'folder' and r.source ->> 'digest' = f.digest)
    and not exists (select from deployment d where d.finished_at is null
      and d.organization_id = f.organization_id and d.source ->> 'digest' = f.digest)`,
)

/** What no service, release or unfinished deployment refers to, and nobody has asked for in a day. */
export const unusedFolders = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ organization_id: OrganizationId; digest: FolderDigest }>`
    select f.organization_id, f.digest from folder f where ${yield* isUnused} order by f.used_at limit 1000`
})

/** Whether it was unused still, and is forgotten. */
export const forgetUnused = (organization: OrganizationId, digest: FolderDigest) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const gone = yield* sql`delete from folder f where f.organization_id = ${organization}
      and f.digest = ${digest} and ${yield* isUnused} returning f.digest`
    return gone.length > 0
  })

export const knownFolders = (organization: OrganizationId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ digest: FolderDigest }>`select digest from folder where organization_id = ${organization}`,
      (rows) => new Set(rows.map(({ digest }) => digest)),
    ),
  )
