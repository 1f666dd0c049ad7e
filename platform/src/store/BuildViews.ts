import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { DeploymentTrigger } from "@skypanel/contract/Deployment"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { asTenant } from "./Tenant.ts"

interface Row {
  readonly organization: string
  readonly service: string | null
  readonly deployment: number | null
  readonly trigger: DeploymentTrigger | null
  readonly template: string | null
  readonly version: number | null
  readonly part: string | null
  readonly created_by: string | null
  readonly queue_position: number | null
  readonly queue_reason: string | null
  readonly phase: BuildObserved["phase"]
  readonly builder: string | null
  readonly canceled: boolean
  readonly created_at: Date
  readonly assigned_at: Date | null
}

const toBuild = (row: Row): QueuedBuild => ({
  organization: row.organization,
  service: row.service,
  deployment: row.deployment,
  trigger: row.trigger,
  template:
    row.template === null
      ? null
      : { name: row.template, version: row.version!, ...(row.part !== null && { part: row.part }) },
  createdBy: row.created_by,
  position: row.queue_position,
  reason: row.queue_reason,
  phase: row.phase,
  builder: row.builder,
  canceled: row.canceled,
  queuedAt: row.created_at.toISOString(),
  startedAt: row.builder === null ? null : (row.assigned_at?.toISOString() ?? null),
})

const select = (organization: OrganizationId | null) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Row>`
        select coalesce(s.organization_slug, b.organization_slug) as organization, s.name as service,
          d.number as deployment, d.trigger, coalesce(d.created_by, b.created_by) as created_by,
          t.name as template, v.number as version, b.part,
          b.queue_position, b.queue_reason, b.phase, w.name as builder,
          b.canceled or d.cancel_reason is not null as canceled, b.created_at, b.assigned_at
        from build b left join deployment d on d.id = b.deployment_id left join service s on s.id = d.service_id
          left join template_version v on v.id = b.template_version_id left join template t on t.id = v.template_id
          left join worker w on w.id = b.worker_id
        where b.finished_at is null
          and ${organization === null ? sql`true` : sql`b.organization_id = ${organization}`}
        order by b.worker_id is null, b.queue_position nulls last, b.created_at limit 500`,
      (rows) => rows.map(toBuild),
    ),
  )

export const listBuilds = (organization: OrganizationId) => asTenant(organization, select(organization))

/** Over all organizations: only for those who run the platform. */
export const listAllBuilds = select(null)
