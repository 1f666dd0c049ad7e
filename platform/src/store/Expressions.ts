import type { ExpressionText, ExpressionVersion } from "@skypanel/contract/Expression"
import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { DeploymentRow } from "./rows.ts"
import { asTenant } from "./Tenant.ts"

interface Row {
  readonly version: number
  readonly current: boolean
  readonly number: number
  readonly status: DeploymentRow["status"]
  readonly expression: string
  readonly created_by: string | null
  readonly created_at: Date
}

const versionsMost = 200

/** Each deployment whose expression is another one than that of the deployment before is a version. */
const versions = (organization: OrganizationId, service: ServiceId, wanted: number | null) =>
  asTenant(
    organization,
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<Row>`
      with changed as (
        select number, status, created_by, created_at, source, lag(source) over (order by number) as before
        from deployment where service_id = ${service} and organization_id = ${organization}
      ), version as (
        select *, row_number() over (order by number)::int as version, max(number) over () as newest
        from changed where source ->> '_tag' = 'expression' and source is distinct from before
      )
      select v.version, v.number, v.status, v.source ->> 'expression' as expression, v.created_by, v.created_at,
        v.number = v.newest and v.source = s.source as current
      from version v join service s on s.id = ${service} and s.organization_id = ${organization}
      where ${wanted}::int is null or v.version = ${wanted}
      order by v.version desc limit ${versionsMost}`,
    ),
  )

const view = (row: Row): ExpressionVersion => ({
  version: row.version,
  current: row.current,
  deployment: row.number,
  status: row.status,
  lines: row.expression.replace(/\n$/, "").split("\n").length,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
})

export const listExpressions = (organization: OrganizationId, service: ServiceId) =>
  Effect.map(versions(organization, service, null), (rows) => rows.map(view))

export const findExpression = (organization: OrganizationId, service: ServiceId, version: number) =>
  Effect.map(versions(organization, service, version), ([row]): ExpressionText | null =>
    row === undefined ? null : { version: view(row), expression: row.expression },
  )
