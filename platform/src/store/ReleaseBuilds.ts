import type { BuildId, OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { UsedHash } from "@skypanel/contract/LearnedHash"
import type { Release } from "@skypanel/contract/Release"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { asTenant } from "./Tenant.ts"

/**
 * The build that made what the release is of; null when its record is gone. A release that a change of configuration
 * made has none of its own: it is of an earlier one's.
 */
export const buildOfRelease = (organization: OrganizationId, service: ServiceId, release: Release) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* asTenant(
      organization,
      sql<{
        id: BuildId
        recognised_as: string | null
        learned: ReadonlyArray<UsedHash>
        created_at: Date
        finished_at: Date
      }>`
        select b.id, b.learned, b.result ->> 'recognisedAs' as recognised_as, b.created_at, b.finished_at
        from build b join deployment d on d.id = b.deployment_id
        where d.organization_id = ${organization} and d.service_id = ${service}
          and b.result ->> 'storePath' = ${release.storePath} and b.finished_at <= ${new Date(release.createdAt)}
        order by b.finished_at desc limit 1`,
    )
    return row === undefined
      ? null
      : {
          id: row.id,
          recognisedAs: row.recognised_as,
          learned: row.learned,
          startedAt: row.created_at.toISOString(),
          finishedAt: row.finished_at.toISOString(),
        }
  })
