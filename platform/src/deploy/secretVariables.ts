import { PgClient } from "@effect/sql-pg"
import type { Environment, SecretValues } from "@skypanel/contract/Environment"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Sealing } from "../sealing/Sealing.ts"
import type { ServiceRow } from "../store/rows.ts"
import {
  forgetUnused,
  insertSecretVersion,
  type SecretVersions,
  sealedVariables,
} from "../store/SecretVariables.ts"

type Owner = Pick<ServiceRow, "id" | "organization_id">

/** Variables that have a value, for a template's options that need one. `secrets`: null is one that goes. */
export const presentIn = (
  environment: Environment,
  secrets: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...environment,
  ...Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== null)),
})

/** One that is secret is not in clear besides. */
export const withoutSecrets = (
  environment: Environment,
  secrets: Readonly<Record<string, unknown>>,
): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !Object.hasOwn(secrets, name)))

const sealedFor = ({ organization_id, id }: Owner, name: string, version: number): ReadonlyArray<string> => [
  organization_id,
  id,
  "secret-variable",
  name,
  String(version),
]

/** The values of these versions, as far as they are kept and can be opened. */
export const openSecrets = (service: Owner, versions: SecretVersions) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const kept = yield* sealedVariables(service, versions)
    return new Map(
      Array.from(kept).flatMap(([name, sealed]): ReadonlyArray<readonly [string, string]> => {
        const value = sealing.open(sealed, sealedFor(service, name, versions[name]!))
        return value === null ? [] : [[name, value]]
      }),
    )
  })

/**
 * Sets them in the service's row, in the transaction that holds its lock; gives the versions that it has then. A value that
 * is as it was makes no other version.
 */
export const setSecrets = (
  service: Owner & Pick<ServiceRow, "secrets">,
  values: SecretValues,
  user: string,
) =>
  Effect.gen(function* () {
    if (Object.keys(values).length === 0) return service.secrets
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const sealing = yield* Sealing
    const before = yield* openSecrets(service, service.secrets)
    const versions: Record<string, number> = { ...service.secrets }
    for (const [name, value] of Object.entries(values)) {
      if (value === null) delete versions[name]
      else if (before.get(name) !== value)
        versions[name] = yield* insertSecretVersion(service, name, user, (version) =>
          sealing.seal(value, sealedFor(service, name, version)),
        )
    }
    yield* sql`update service set secrets = ${pg.json(versions)}
      where id = ${service.id} and organization_id = ${service.organization_id}`
    yield* forgetUnused(service)
    return versions
  })
