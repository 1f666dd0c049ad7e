import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Sealed } from "../domain/seal.ts"

/** Which version of each secret variable something has. */
export type SecretVersions = Readonly<Record<string, number>>

interface Owner {
  readonly id: ServiceId
  readonly organization_id: OrganizationId
}

/** Keeps a value as the variable's next version; gives its number. The caller's transaction holds the service's row lock. */
export const insertSecretVersion = (
  service: Owner,
  name: string,
  user: string | null,
  sealAs: (version: number) => Sealed,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{
      version: number
    }>`select coalesce(max(version), 0) + 1 as version from secret_variable
      where organization_id = ${service.organization_id} and service_id = ${service.id} and name = ${name}`
    const version = row!.version
    const { sealed, key } = sealAs(version)
    yield* sql`insert into secret_variable ${sql.insert({
      service_id: service.id,
      organization_id: service.organization_id,
      name,
      version,
      sealed,
      sealing_key: key,
      set_by: user,
    } as never)}`
    return version
  })

/** Those of these versions whose values are kept. */
export const sealedVariables = (service: Owner, versions: SecretVersions) =>
  Effect.gen(function* () {
    const names = Object.keys(versions)
    if (names.length === 0) return new Map<string, Sealed>()
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Sealed & { readonly name: string; readonly version: number }>`
      select name, version, sealed, sealing_key as key from secret_variable
      where organization_id = ${service.organization_id} and service_id = ${service.id} and sealed is not null
        and ${sql.in("name", names)}`
    return new Map(
      rows.flatMap(
        ({ name, version, sealed, key }): ReadonlyArray<readonly [string, Sealed]> =>
          versions[name] === version ? [[name, { sealed, key }]] : [],
      ),
    )
  })

/** Forgets every value of a variable but the one of this version; gives how many that were. */
export const forgetVersionsBut = (service: Owner, name: string, version: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update secret_variable set sealed = null, sealing_key = null
        where organization_id = ${service.organization_id} and service_id = ${service.id} and name = ${name}
          and version <> ${version} and sealed is not null returning version`,
      (rows) => rows.length,
    ),
  )

/** Forgets the values that nothing can be started with any more: no release that has them can be rolled back to. */
export const forgetUnused = ({ id, organization_id }: Owner) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update secret_variable v set sealed = null, sealing_key = null
      where v.organization_id = ${organization_id} and v.service_id = ${id} and v.sealed is not null
        and not exists (select from service s where s.id = v.service_id and s.secrets ->> v.name = v.version::text)
        and not exists (select from deployment d join service s on s.id = d.service_id
          where d.service_id = v.service_id and d.secrets ->> v.name = v.version::text
            and (d.finished_at is null or d.id = s.live_deployment_id))
        and not exists (select from release r join image i on i.organization_id = r.organization_id
            and i.service_id = r.service_id and i.digest = r.image_digest and i.collected_at is null
          where r.service_id = v.service_id and r.secrets ->> v.name = v.version::text)`,
  )

/**
 * The versions that something is deployed with that had these: the same, but where the value of then was forgotten the
 * newest that there is. Where there is none it stays as it is, and is not started.
 */
export const versionsToDeploy = (
  service: Owner & { readonly secrets: SecretVersions },
  then: SecretVersions,
) =>
  Effect.gen(function* () {
    const names = Object.keys(then)
    if (names.length === 0) return then
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ name: string; version: number }>`select name, version from secret_variable
      where organization_id = ${service.organization_id} and service_id = ${service.id} and sealed is not null
        and ${sql.in("name", names)} order by version`
    const isKept = (name: string, version: number | undefined) =>
      rows.some((row) => row.name === name && row.version === version)
    const newest = (name: string) => rows.findLast((row) => row.name === name)?.version
    const versionOf = (name: string, version: number) => {
      if (isKept(name, version)) return version
      const now = service.secrets[name]
      return now !== undefined && isKept(name, now) ? now : (newest(name) ?? version)
    }
    return Object.fromEntries(names.map((name) => [name, versionOf(name, then[name]!)]))
  })
