import type { BuildResult } from "@skypanel/contract/BuildAssignment"
import { type Deployment, type DeploymentStep, stepNames } from "@skypanel/contract/Deployment"
import type { SecretVersion } from "@skypanel/contract/Environment"
import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { Release } from "@skypanel/contract/Release"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { DeploymentRow, ReleaseRow, StepRow } from "./rows.ts"
import type { SecretVersions } from "./SecretVariables.ts"
import { asTenant } from "./Tenant.ts"

interface ViewRow extends DeploymentRow {
  readonly release_number: number | null
  readonly release_revision: string | null
  readonly release_recognised_as: string | null
  readonly build_result: BuildResult | null
  /** Of a return: what it came back from. */
  readonly returned_from: { readonly deployment: number; readonly reason: string } | null
  readonly steps: ReadonlyArray<
    Pick<StepRow, "name" | "state" | "detail"> & {
      readonly started_at: string | null
      readonly finished_at: string | null
    }
  > | null
}

interface ExpectedRow {
  readonly name: string
  readonly expected_ms: number
}

const iso = (text: string | null) => (text === null ? null : new Date(text).toISOString())

const toSteps = (row: ViewRow, expected: ReadonlyArray<ExpectedRow>): Array<DeploymentStep> =>
  stepNames.map((name) => {
    const step = row.steps?.find((step) => step.name === name)
    return {
      name,
      state: step?.state ?? "pending",
      startedAt: iso(step?.started_at ?? null),
      finishedAt: iso(step?.finished_at ?? null),
      expectedMs: expected.find((row) => row.name === name)?.expected_ms ?? null,
      detail: step?.detail ?? null,
    }
  })

const toVersions = (secrets: SecretVersions): ReadonlyArray<SecretVersion> =>
  Object.entries(secrets)
    .map(([name, version]) => ({ name, version }))
    .toSorted((a, b) => a.name.localeCompare(b.name))

const toDeployment = (row: ViewRow, expected: ReadonlyArray<ExpectedRow>): Deployment => ({
  id: row.id,
  serviceId: row.service_id,
  number: row.number,
  trigger: row.trigger,
  status: row.status,
  steps: toSteps(row, expected),
  source: row.source,
  revision: row.build_result?.revision ?? row.release_revision ?? row.pinned_revision,
  recognisedAs: row.build_result?.recognisedAs ?? row.release_recognised_as,
  environment: row.environment,
  secrets: toVersions(row.secrets),
  resources: row.resources,
  port: row.port,
  healthPath: row.health_path,
  replicas: row.replicas,
  volume: row.volume,
  release: row.release_number,
  failure: row.failure,
  returned:
    row.returned_by === null || row.returned_reason === null
      ? row.returned_from
      : { deployment: row.returned_by, reason: row.returned_reason },
  receipt: row.receipt,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
})

const select = (organization: OrganizationId, service: ServiceId, number: number | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [rows, expected] = yield* asTenant(
      organization,
      Effect.all([
        sql<ViewRow>`
          select d.*, r.number as release_number, r.revision as release_revision,
            r.recognised_as as release_recognised_as, b.result as build_result, s.steps, bad.returned_from
          from deployment d
          left join release r on r.id = d.release_id
          left join build b on b.deployment_id = d.id
          left join lateral (
            select jsonb_agg(to_jsonb(s)) as steps from deployment_step s where s.deployment_id = d.id
          ) s on true
          left join lateral (
            select jsonb_build_object('deployment', bad.number, 'reason', bad.returned_reason) as returned_from
            from deployment bad where d.trigger = 'return' and bad.service_id = d.service_id
              and bad.returned_by = d.number
          ) bad on true
          where d.organization_id = ${organization} and d.service_id = ${service}
            and ${number === null ? sql`true` : sql`d.number = ${number}`}
          order by d.number desc limit 50`,
        sql<ExpectedRow>`
          select s.name, round(percentile_cont(0.5) within group (
            order by extract(epoch from s.finished_at - s.started_at) * 1000))::int as expected_ms
          from deployment_step s join deployment d on d.id = s.deployment_id
          where d.organization_id = ${organization} and d.service_id = ${service}
            and s.state = 'done' and d.status = 'live'
          group by s.name`,
      ]),
    )
    return rows.map((row) => toDeployment(row, expected))
  })

/** Newest first, at most 50. */
export const listDeployments = (organization: OrganizationId, service: ServiceId) =>
  select(organization, service, null)

export const findDeployment = (organization: OrganizationId, service: ServiceId, number: number) =>
  Effect.map(select(organization, service, number), (deployments) => deployments[0] ?? null)

interface ListedRelease extends ReleaseRow {
  readonly current: boolean | null
  readonly image_gone: boolean
  readonly secrets_of_now: ReadonlyArray<string>
}

const toRelease = (row: ListedRelease): Release => ({
  id: row.id,
  number: row.number,
  current: row.current ?? false,
  imageDigest: row.image_digest,
  imageBytes: Number(row.image_bytes),
  imageGone: row.image_gone,
  storePath: row.store_path,
  source: row.source,
  revision: row.revision,
  environment: row.environment,
  secrets: toVersions(row.secrets),
  resources: row.resources,
  port: row.port,
  healthPath: row.health_path,
  replicas: row.replicas,
  volume: row.volume,
  secretsOfNow: row.secrets_of_now,
  createdAt: row.created_at.toISOString(),
})

const selectReleases = (organization: OrganizationId, service: ServiceId, number: number | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* asTenant(
      organization,
      sql<ListedRelease>`
        select r.*, r.id = s.current_release_id as current, not exists (select from image i
          where i.organization_id = r.organization_id and i.service_id = r.service_id and i.digest = r.image_digest
            and i.collected_at is null) as image_gone,
          (select coalesce(jsonb_agg(k.name order by k.name), '[]') from (
            select name from stack_secret k
            where k.stack_id = s.stack_id and k.rotated_at > r.created_at
              and position('$' || '{' || k.name || '}' in r.environment::text) > 0
            union all select name from secret_variable v
            where v.service_id = r.service_id and v.sealed is null and r.secrets ->> v.name = v.version::text
          ) k where r.id <> s.current_release_id) as secrets_of_now
        from release r join service s on s.id = r.service_id
        where r.organization_id = ${organization} and r.service_id = ${service}
          and ${number === null ? sql`true` : sql`r.number = ${number}`}
        order by r.number desc limit 100`,
    )
    return rows.map(toRelease)
  })

/** Newest first, at most 100. */
export const listReleases = (organization: OrganizationId, service: ServiceId) =>
  selectReleases(organization, service, null)

export const findRelease = (organization: OrganizationId, service: ServiceId, number: number) =>
  Effect.map(selectReleases(organization, service, number), (releases) => releases[0] ?? null)
