import type { DeploymentId, OrganizationId, StackId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Sealed } from "../domain/seal.ts"
import type { Rotation } from "../domain/stacks/rotation.ts"

export interface SecretVersion {
  readonly version: number
  readonly sealed: Sealed
}

/** Keeps the secrets that the stack does not have yet, each in its first version. */
export const insertSecrets = (
  organization: OrganizationId,
  stack: StackId,
  secrets: ReadonlyArray<{ readonly name: string; readonly sealed: Sealed }>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const { name, sealed } of secrets) {
      const made = yield* sql`insert into stack_secret (stack_id, organization_id, name)
        values (${stack}, ${organization}, ${name}) on conflict do nothing returning name`
      if (made.length > 0) yield* insertVersion(organization, stack, name, { version: 1, sealed })
    }
  })

const insertVersion = (
  organization: OrganizationId,
  stack: StackId,
  name: string,
  { version, sealed }: SecretVersion,
) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`insert into stack_secret_version ${sql.insert({
        stack_id: stack,
        organization_id: organization,
        name,
        version,
        sealed: sealed.sealed,
        sealing_key: sealed.key,
      } as never)}`,
  )

interface VersionRow extends Sealed {
  readonly name: string
  readonly version: number
  readonly current: boolean
}

/**
 * All versions that the stack's secrets have, and which of each something is started with now. While one is rotated that is
 * the next one for the deployment that is given it first, and once that is live for everybody. `deployment`: null for what
 * is none.
 */
export const stackSecrets = (
  organization: OrganizationId,
  stack: StackId,
  deployment: DeploymentId | null = null,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<VersionRow>`
      select v.name, v.version, v.sealed, v.sealing_key as key,
        v.version = case when s.next_version is not null and (s.next_deployment_id = ${deployment} or d.status = 'live')
          then s.next_version else s.version end as current
      from stack_secret_version v
      join stack_secret s on s.stack_id = v.stack_id and s.name = v.name
      left join deployment d on d.id = s.next_deployment_id
      where v.organization_id = ${organization} and v.stack_id = ${stack}`
    const versionOf = ({ version, sealed, key }: VersionRow): SecretVersion => ({
      version,
      sealed: { sealed, key },
    })
    return {
      current: new Map(rows.filter(({ current }) => current).map((row) => [row.name, versionOf(row)])),
      find: (name: string, version: number): SecretVersion | null => {
        const row = rows.find((one) => one.name === name && one.version === version)
        return row === undefined ? null : versionOf(row)
      },
    }
  })

/** The versions that are in force, by name; between revisions, when nothing is rotated. */
export const secretVersions = (organization: OrganizationId, stack: StackId) =>
  Effect.map(
    stackSecrets(organization, stack),
    ({ current }) => new Map(Array.from(current, ([name, { version }]) => [name, version])),
  )

/** Keeps the next version of a secret, which nothing has yet. Null: there is no such secret. */
export const prepareVersion = (
  organization: OrganizationId,
  stack: StackId,
  name: string,
  sealAs: (version: number) => Sealed,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [secret] = yield* sql<{ version: number; next: number }>`
      update stack_secret set version_count = version_count + 1, next_version = version_count + 1, next_deployment_id = null
      where organization_id = ${organization} and stack_id = ${stack} and name = ${name}
      returning version, next_version as next`
    if (secret === undefined) return null
    yield* insertVersion(organization, stack, name, { version: secret.next, sealed: sealAs(secret.next) })
    return { secret: name, from: secret.version, to: secret.next } satisfies Rotation
  })

interface Owner {
  readonly id: StackId
  readonly organization_id: OrganizationId
}

const itsRow = (sql: SqlClient.SqlClient, { id, organization_id }: Owner, secret: string) =>
  sql`s.organization_id = ${organization_id} and s.stack_id = ${id} and s.name = ${secret}`

/** The version of before is to come into force again, and is still kept. */
export const prepareReturn = (stack: Owner, { secret, from }: Rotation) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update stack_secret s set next_version = ${from}, next_deployment_id = null
      where ${itsRow(sql, stack, secret)}`,
  )

/** This deployment is given the next version, before anybody else. */
export const giveFirst = (stack: Owner, { secret }: Rotation, deployment: DeploymentId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update stack_secret s set next_deployment_id = ${deployment}
      where ${itsRow(sql, stack, secret)}`,
  )

/** From now on everything is started with it. */
export const putInForce = (stack: Owner, { secret, from, to }: Rotation) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update stack_secret s
      set version = ${to}, rotated_at = now(), next_version = null, next_deployment_id = null
      where ${itsRow(sql, stack, secret)} and s.version = ${from}`,
  )

/** What is not in force is of no use to anybody any more. */
export const forgetOtherVersions = (stack: Owner, { secret }: Rotation) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`update stack_secret s set next_version = null, next_deployment_id = null
      where ${itsRow(sql, stack, secret)}`
    yield* sql`delete from stack_secret_version v using stack_secret s
      where ${itsRow(sql, stack, secret)} and v.stack_id = s.stack_id and v.name = s.name
        and v.version <> s.version`
  })
