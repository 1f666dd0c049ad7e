import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import type { ServiceRow } from "./rows.ts"

/** Who starts what they deploy. */
export const polling = "polling"

export interface Answered {
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly kind: "git" | "image"
  readonly revision: string
}

/** The newest of a service's deployments that built: which commit or digest, where that is known yet. */
const newestOf = (sql: SqlClient.SqlClient, its: Statement.Fragment) => sql`
  select coalesce(d.pinned_revision, b.result ->> 'revision') as revision, d.finished_at is not null as finished
  from deployment d left join build b on b.deployment_id = d.id
  where ${its} and d.trigger in ('deploy', 'redeploy', 'push')
  order by d.number desc limit 1`

/**
 * Those that stand at another revision than the one that was dealt with. A service that does not run, or whose newest
 * deployment may be of this revision for all that is known, keeps no others waiting; nor does one whose turn it was.
 */
export const newRevisions = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Answered>`select p.service_id, p.organization_id, p.kind, p.revision
    from poll p join service s on s.id = p.service_id
    left join lateral (${newestOf(sql, sql`d.service_id = s.id`)}) newest on true
    where p.revision is not null and p.revision is distinct from p.taken_revision and p.action <> 'off'
      and s.wish = 'running' and s.source ->> '_tag' = p.kind
      and (newest.revision is null and not newest.finished) is not true
    order by p.answered_at limit 100`,
)

export const takeRevision = ({ service_id, organization_id, kind, revision }: Answered) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update poll set taken_revision = ${revision}
      where service_id = ${service_id} and organization_id = ${organization_id} and kind = ${kind}`,
  )

export interface Newest {
  readonly revision: string | null
  readonly finished: boolean
}

export const newestBuilt = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const its = sql`d.service_id = ${service.id} and d.organization_id = ${service.organization_id}`
    const rows = yield* sql<Newest>`${newestOf(sql, its)}`
    return rows[0] ?? null
  })
