import { PgClient } from "@effect/sql-pg"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { parseGitUrl } from "@skypanel/contract/GitUrl"
import type { Credential, Hook, HostKey, Poll } from "@skypanel/contract/Repository"
import type { Source } from "@skypanel/contract/Source"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { hostKeyType } from "../domain/git/hostKey.ts"
import type { Sealed } from "../domain/seal.ts"
import { registryOf } from "./Registries.ts"
import type { ServiceRow } from "./rows.ts"

/** Where a source is fetched from: what a credential is for. Null: it is no repository. */
export const originOf = (source: Source): string | null => {
  if (source._tag !== "git") return null
  const url = parseGitUrl(source.url, { allowPrivate: true })
  return Result.isSuccess(url) ? url.success.origin : null
}

type Owner = Pick<ServiceRow, "id" | "organization_id">

/** What a credential, and a webhook's secret, are sealed for. */
export const sealedFor = (service: Owner, what: "credential" | "hook") => [
  service.organization_id,
  service.id,
  what,
]

interface CredentialRow extends Omit<Credential, "publicKey" | "createdBy" | "createdAt"> {
  readonly public_key: string | null
  readonly created_by: string
  readonly created_at: Date
}

interface HostKeyRow {
  readonly origin: string
  readonly line: string
  readonly fingerprint: string
  readonly pinned_at: Date
}

interface HookRow extends Pick<Hook, "paths" | "enabled"> {
  readonly id: string
  readonly created_by: string
  readonly created_at: Date
  readonly refused_at: Date | null
}

const toCredential = (row: CredentialRow): Credential => ({
  kind: row.kind,
  origin: row.origin,
  username: row.username,
  publicKey: row.public_key,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
})

const toHostKey = (row: HostKeyRow): HostKey => ({
  origin: row.origin,
  type: hostKeyType(row.line),
  fingerprint: row.fingerprint,
  pinnedAt: row.pinned_at.toISOString(),
})

const toHook = (row: HookRow, publicUrl: string): Hook => ({
  url: `${publicUrl}/hooks/${row.id}`,
  paths: row.paths,
  enabled: row.enabled,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  refusedAt: row.refused_at?.toISOString() ?? null,
})

interface PollRow {
  readonly minutes: number
  readonly answered_at: Date | null
  readonly revision: string | null
  readonly failure: Pick<DeploymentFailure, "title"> | null
}

const toPoll = (row: PollRow): Poll => ({
  minutes: row.minutes,
  answeredAt: row.answered_at?.toISOString() ?? null,
  revision: row.revision,
  problem: row.failure?.title ?? null,
})

/** What of a service's connection may be shown; runs in the organization's transaction. */
export const readConnection = (service: ServiceRow, publicUrl: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const its = sql`service_id = ${service.id} and organization_id = ${service.organization_id}`
    const [credential] = yield* sql<CredentialRow>`
      select kind, origin, username, public_key, created_by, created_at from credential where ${its}`
    const hostKeys = yield* sql<HostKeyRow>`
      select origin, line, fingerprint, pinned_at from host_key where ${its} order by pinned_at, line`
    const [hook] = yield* sql<HookRow>`
      select id, paths, enabled, created_by, created_at, refused_at from hook where ${its}`
    const [poll] = yield* sql<PollRow>`
      select minutes, answered_at, revision, failure from poll where ${its} and kind = 'git'`
    return {
      credential: credential === undefined ? null : toCredential(credential),
      hostKeys: hostKeys.map(toHostKey),
      hook: hook === undefined ? null : toHook(hook, publicUrl),
      poll: poll === undefined ? null : toPoll(poll),
    }
  })

export interface NewCredential extends Pick<Credential, "kind" | "origin" | "username" | "publicKey"> {
  readonly createdBy: string
}

/** In place of the one before. */
export const putCredential = (service: Owner, credential: NewCredential, { sealed, key }: Sealed) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* removeCredential(service)
    yield* sql`insert into credential ${sql.insert({
      service_id: service.id,
      organization_id: service.organization_id,
      kind: credential.kind,
      origin: credential.origin,
      username: credential.username,
      public_key: credential.publicKey,
      sealed,
      sealing_key: key,
      created_by: credential.createdBy,
    } as never)}`
  })

export const removeCredential = (service: Owner) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`delete from credential where service_id = ${service.id} and organization_id = ${service.organization_id}`,
  )

export const removeHostKeys = (service: ServiceRow) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`delete from host_key where service_id = ${service.id} and organization_id = ${service.organization_id}`,
  )

/**
 * The service's source may be another one now. A credential is for one host: a source on another, or none, deletes it.
 * What was asked of another source says nothing of it.
 */
export const reconsiderSource = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const origin = originOf(service.source)
    const registry = registryOf(service.source)
    for (const table of ["credential", "host_key"])
      yield* sql`delete from ${sql(table)} where service_id = ${service.id}
        and organization_id = ${service.organization_id} and origin is distinct from ${origin}`
    yield* sql`update poll set asked_id = null, answered_at = null, revision = null, revision_at = null,
        taken_revision = null, told = '{}', failure = null, registry = ${registry},
        limited_until = case when registry = ${registry} then limited_until end
      where service_id = ${service.id} and organization_id = ${service.organization_id}
        and asked_of is distinct from ${pg.json(service.source)}::jsonb`
  })

/** What a build's assignment needs to get at its source; of the rows of many services at once. */
export interface AccessRow {
  /** Of the service, or of a prepared credential: what it was sealed for. */
  readonly sealed_for: string
  readonly organization_id: ServiceRow["organization_id"]
  readonly source: Source
  readonly credential_kind: Credential["kind"] | null
  readonly credential_origin: string | null
  readonly username: string | null
  readonly sealed: string | null
  readonly sealing_key: string | null
  readonly known_hosts: ReadonlyArray<string> | null
}
