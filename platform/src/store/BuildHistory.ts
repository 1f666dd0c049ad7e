import type { FetchedCommit } from "@skypanel/contract/BuildAssignment"
import {
  type BuildHistory,
  type BuildPhase,
  type BuildRecord,
  type BuildState,
  buildPhases,
} from "@skypanel/contract/BuildRecord"
import type { DeploymentFailure, DeploymentTrigger } from "@skypanel/contract/Deployment"
import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { UsedHash } from "@skypanel/contract/LearnedHash"
import type { NamedSource } from "@skypanel/contract/Source"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { keptBytesOf } from "./keptBytes.ts"
import { asTenant } from "./Tenant.ts"

interface Row {
  readonly deployment: number
  readonly state: BuildState
  readonly trigger: DeploymentTrigger
  readonly created_by: string | null
  readonly source: NamedSource
  readonly revision: string | null
  readonly commit: FetchedCommit | null
  readonly builder: string | null
  readonly created_at: Date
  readonly assigned_at: Date | null
  readonly finished_at: Date | null
  readonly phases: Readonly<Record<string, string>>
  readonly failure: DeploymentFailure | null
  readonly release: number | null
  readonly image_digest: string | null
  readonly unchanged: boolean
  readonly added_bytes: bigint | null
  readonly learned: ReadonlyArray<UsedHash>
  readonly log_seq: number
  readonly log_removed_at: Date | null
}

/** From when each phase was entered; a builder that started over has entered an earlier one again. */
const phasesOf = (
  { created_at, assigned_at, finished_at, phases }: Row,
  nowMs: number,
): Array<BuildPhase> => {
  const entered = buildPhases
    .flatMap((name) => (phases[name] === undefined ? [] : [{ name, at: Date.parse(phases[name]) }]))
    .sort((a, b) => a.at - b.at)
  const end = finished_at?.getTime() ?? nowMs
  const given = assigned_at?.getTime() ?? entered[0]?.at ?? end
  const lasted = entered.map(({ name, at }, index) => ({ name, ms: (entered[index + 1]?.at ?? end) - at }))
  return [{ name: buildPhases[0], ms: given - created_at.getTime() }, ...lasted].map(({ name, ms }) => ({
    name,
    ms: Math.max(0, Math.round(ms)),
  }))
}

const toRecord = (row: Row, kept: ReadonlyMap<string, number>, nowMs: number): BuildRecord => ({
  deployment: row.deployment,
  state: row.state,
  trigger: row.trigger,
  startedBy: row.created_by,
  source: row.source,
  revision: row.revision,
  author: row.commit?.author || null,
  subject: row.commit?.subject || null,
  builder: row.builder,
  queuedAt: row.created_at.toISOString(),
  startedAt: row.assigned_at?.toISOString() ?? null,
  finishedAt: row.finished_at?.toISOString() ?? null,
  phases: phasesOf(row, nowMs),
  failure: row.failure === null ? null : { code: row.failure.code, title: row.failure.title },
  release: row.release,
  unchanged: row.unchanged,
  addedBytes: row.added_bytes === null ? null : Number(row.added_bytes),
  keptBytes: row.image_digest === null ? null : (kept.get(row.image_digest) ?? null),
  learned: row.learned,
  logLines: row.log_seq,
  logRemovedAt: row.log_removed_at?.toISOString() ?? null,
})

export interface HistoryQuery {
  /** Only of deployments with a smaller number. */
  readonly before: number | null
  readonly limit: number
  readonly state: BuildState | null
}

/** So many builds are looked through for those in a state, which no index has. */
const lookedThroughMost = 1000

/** A page of a service's builds, and where the next one begins: it may be empty though more is to be looked through. */
export const buildHistory = (
  organization: OrganizationId,
  service: ServiceId,
  { before, limit, state }: HistoryQuery,
  most = lookedThroughMost,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const asked = sql`d.organization_id = ${organization} and d.service_id = ${service}
      and ${before === null ? sql`true` : sql`d.number < ${before}`}`
    const [last] =
      state === null
        ? []
        : yield* asTenant(
            organization,
            sql<{ number: number }>`select d.number from deployment d join build b on b.deployment_id = d.id
              where ${asked} order by d.number desc offset ${most - 1} limit 1`,
          )
    const rows = yield* asTenant(
      organization,
      sql<Row>`select * from (
          select d.number as deployment, d.trigger, d.created_by, d.source - 'expression' as source, d.commit, w.name as builder, b.created_at,
            b.assigned_at, b.finished_at, b.phases, b.failure, b.added_bytes, b.learned, b.log_seq, b.log_removed_at,
            r.number as release, r.image_digest, d.receipt ->> 'unchanged' is not distinct from 'true' as unchanged,
            coalesce(b.result ->> 'revision', d.commit ->> 'revision', d.source ->> 'revision', d.pinned_revision)
              as revision,
            case when b.phase = 'succeeded' then 'succeeded'
              when b.canceled or b.failure ->> 'code' = 'canceled' or d.status = 'canceled' then 'canceled'
              when b.finished_at is not null or d.status = 'failed' then 'failed'
              when b.worker_id is null then 'waiting' else 'running' end as state
          from deployment d join build b on b.deployment_id = d.id
            left join release r on r.id = d.release_id left join worker w on w.id = b.worker_id
          where ${asked} and d.number >= ${last?.number ?? 0}
        ) build where ${state === null ? sql`true` : sql`state = ${state}`}
        order by deployment desc limit ${limit + 1}`,
    )
    const shown = rows.slice(0, limit)
    const digests = shown.flatMap(({ image_digest }) => (image_digest === null ? [] : [image_digest]))
    const kept = yield* keptBytesOf(organization, service, digests)
    return {
      builds: shown.map((row) => toRecord(row, kept, Date.now())),
      next: rows.length > limit ? shown.at(-1)!.deployment : (last?.number ?? null),
    } satisfies BuildHistory
  })
