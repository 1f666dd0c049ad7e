import type { OrganizationId } from "@skypanel/contract/Id"
import { parseImageReference } from "@skypanel/contract/image/ImageReference"
import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import type { Source } from "@skypanel/contract/Source"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import type { Sealed } from "../domain/seal.ts"

/** The registry of an image; null: the source is none. */
export const registryOf = (source: Source): string | null => {
  if (source._tag !== "image") return null
  const reference = parseImageReference(source.reference, { allowPrivate: true })
  return Result.isSuccess(reference) ? reference.success.registry : null
}

/** What a registry's credential is sealed for. */
export const sealedForRegistry = (organization: OrganizationId, registry: string) => [
  organization,
  "registry",
  registry,
]

interface Row {
  readonly registry: string
  readonly username: string
  readonly created_by: string
  readonly created_at: Date
  readonly last_used_at: Date | null
}

export const listRegistries = (organization: OrganizationId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`select registry, username, created_by, created_at, last_used_at
      from registry_credential where organization_id = ${organization} order by registry`
    return rows.map(
      (row): RegistryCredential => ({
        registry: row.registry,
        username: row.username,
        createdBy: row.created_by,
        createdAt: row.created_at.toISOString(),
        ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at.toISOString() }),
      }),
    )
  })

interface Given {
  readonly registry: string
  readonly username: string
  readonly createdBy: string
}

/** In place of the one before. */
export const putRegistry = (organization: OrganizationId, given: Given, { sealed, key }: Sealed) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* removeRegistry(organization, given.registry)
    yield* sql`insert into registry_credential ${sql.insert({
      organization_id: organization,
      registry: given.registry,
      username: given.username,
      sealed,
      sealing_key: key,
      created_by: given.createdBy,
    })}`
  })

/** False when there was none. */
export const removeRegistry = (organization: OrganizationId, registry: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const gone = yield* sql`delete from registry_credential
      where organization_id = ${organization} and registry = ${registry} returning registry`
    return gone.length > 0
  })

interface SealedRow {
  readonly registry: string
  readonly username: string
  readonly sealed: string
  readonly sealing_key: string
}

/** For what a builder shall fetch, of one registry or of all. When it was used is not written each time that it is told. */
export const sealedRegistries = (organization: OrganizationId, registry: string | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const wanted = registry === null ? sql`true` : sql`registry = ${registry}`
    yield* sql`update registry_credential set last_used_at = now()
      where organization_id = ${organization} and ${wanted}
        and (last_used_at is null or last_used_at < now() - interval '10 minutes')`
    return yield* sql<SealedRow>`
      select registry, username, sealed, sealing_key from registry_credential
      where organization_id = ${organization} and ${wanted} order by registry`
  })
