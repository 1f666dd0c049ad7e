import { PgClient } from "@effect/sql-pg"
import type { DeploymentId, OrganizationId, ReleaseId, StackId } from "@skypanel/contract/Id"
import type {
  StackFailure,
  StackPart,
  StackRevision,
  StackSettings,
  StackStepState,
} from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Rotation } from "../domain/stacks/rotation.ts"
import type { ServiceRow } from "./rows.ts"

export interface StackRow {
  readonly id: StackId
  readonly organization_id: OrganizationId
  readonly organization_slug: string
  readonly name: string
  readonly template: string
  /** Whose it is; null: it came with SkyPanel. */
  readonly template_owner: "everyone" | "organization" | null
  readonly wish: "running" | "deleted"
  readonly keeps_volumes: boolean
  readonly revision_count: number
  readonly created_by: string
  readonly created_at: Date
}

export interface StackRevisionRow {
  readonly stack_id: StackId
  readonly number: number
  readonly kind: StackRevision["kind"]
  readonly target: number | null
  /** Of `rotate` and `return`. */
  readonly rotation: Rotation | null
  readonly template_version: string
  readonly settings: StackSettings
  readonly parts: ReadonlyArray<StackPart>
  readonly status: StackRevision["status"]
  readonly failure: StackFailure | null
  readonly created_by: string
  readonly created_at: Date
  readonly finished_at: Date | null
}

export interface StackStepRow {
  readonly stack_id: StackId
  readonly revision: number
  readonly key: string
  readonly state: StackStepState
  readonly held_up_at: Date | null
  readonly detail: string | null
  readonly deployment_id: DeploymentId | null
  readonly release_id: ReleaseId | null
}

/** Locked until the transaction ends, so that requests for one stack, and its progress, go one by one. */
export const lockStack = (organization: OrganizationId, name: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<StackRow>`select * from stack where organization_id = ${organization} and name = ${name} for update`,
      (rows) => rows[0] ?? null,
    ),
  )

/** The services of a stack that are there. */
export const stackServices = (organization: OrganizationId, stack: StackId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql<ServiceRow>`select * from service where organization_id = ${organization} and stack_id = ${stack}`,
  )

/** Locked one after another in one order, until the transaction ends. */
export const lockStackServices = (organization: OrganizationId, stack: StackId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<ServiceRow>`select * from service
      where organization_id = ${organization} and stack_id = ${stack} order by id for update`,
  )

export const newestRevision = (organization: OrganizationId, stack: StackId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<StackRevisionRow>`select * from stack_revision
        where organization_id = ${organization} and stack_id = ${stack} order by number desc limit 1`,
      (rows) => rows[0]!,
    ),
  )

export const stepsOf = (organization: OrganizationId, stack: StackId, revision: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<StackStepRow>`select * from stack_step
      where organization_id = ${organization} and stack_id = ${stack} and revision = ${revision}`,
  )

/** For each service, the parts of the revision that it was last brought to. */
export const appliedParts = (organization: OrganizationId, stack: StackId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ key: string; parts: ReadonlyArray<StackPart> }>`
      select s.key, r.parts from (
        select key, max(revision) as revision from stack_step
        where organization_id = ${organization} and stack_id = ${stack} and state in ('live', 'unchanged')
        group by key
      ) s
      join stack_revision r on r.stack_id = ${stack} and r.number = s.revision`
    return new Map(rows.map(({ key, parts }) => [key, parts]))
  })

export interface NewStep {
  readonly key: string
  readonly state: "waiting" | "unchanged"
  readonly release: ReleaseId | null
}

/** Of each stack, beside the newest one that got live. */
const keptRevisions = 50

/** A new revision of the stack, in the transaction that holds its row lock; the oldest go. */
export const insertRevision = (
  stack: StackRow,
  revision: Pick<
    StackRevisionRow,
    "kind" | "target" | "template_version" | "settings" | "parts" | "created_by"
  > & { readonly rotation?: Rotation },
  steps: ReadonlyArray<NewStep>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const number = stack.revision_count + 1
    const owner = { stack_id: stack.id, organization_id: stack.organization_id }
    yield* sql`update stack set revision_count = ${number} where id = ${stack.id}`
    yield* sql`insert into stack_revision ${sql.insert({
      ...owner,
      ...revision,
      number,
      settings: pg.json(revision.settings),
      parts: pg.json(revision.parts),
      rotation: revision.rotation === undefined ? null : pg.json(revision.rotation),
    } as never)}`
    for (const { key, state, release } of steps)
      yield* sql`insert into stack_step ${sql.insert({
        ...owner,
        revision: number,
        key,
        state,
        release_id: release,
      } as never)}`
    yield* sql`delete from stack_revision where stack_id = ${stack.id} and number <= ${number - keptRevisions}
      and number <> (select coalesce(max(number), 0) from stack_revision
        where stack_id = ${stack.id} and status = 'live')`
  })
