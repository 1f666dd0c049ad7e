import { PgClient } from "@effect/sql-pg"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { OrganizationId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { readKnownHost } from "../domain/git/hostKey.ts"
import { originOf } from "./Repositories.ts"
import type { ServiceRow } from "./rows.ts"

interface Fetched {
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly source: Source
  readonly current: Source
}

/**
 * Keeps to the keys that a service's host showed to its builder at the first fetch. Only the worker that has the build
 * may say so, only of the host of its source, and only as long as none is known.
 */
export const pinHostKeys = (worker: WorkerId, { id, hostKeys = [] }: BuildObserved) =>
  Effect.gen(function* () {
    if (hostKeys.length === 0) return
    const sql = yield* SqlClient.SqlClient
    const [fetched] = yield* sql<Fetched>`
      select s.id as service_id, s.organization_id, d.source, s.source as current
      from build b join deployment d on d.id = b.deployment_id join service s on s.id = d.service_id
      where b.id = ${id} and b.worker_id = ${worker} and b.finished_at is null
      union all
      select s.id, s.organization_id, s.source, s.source from poll p join service s on s.id = p.service_id
      where p.asked_id = ${id} and p.worker_id = ${worker}`
    const origin = fetched === undefined ? null : originOf(fetched.source)
    if (fetched === undefined || origin === null || origin !== originOf(fetched.current)) return
    yield* insertHostKeys(
      { id: fetched.service_id, organization_id: fetched.organization_id },
      origin,
      hostKeys,
    )
  })

/** Keeps to them, as long as none is known. */
export const insertHostKeys = (
  service: Pick<ServiceRow, "id" | "organization_id">,
  origin: string,
  lines: ReadonlyArray<string>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const keys = lines.flatMap((line) => readKnownHost(line, origin) ?? [])
    yield* sql`insert into host_key (service_id, organization_id, origin, line, fingerprint)
      select ${service.id}, ${service.organization_id}, ${origin}, k.line, k.fingerprint
      from jsonb_to_recordset(${pg.json(keys)}::jsonb) as k (line text, fingerprint text)
      where not exists (select from host_key h where h.service_id = ${service.id})
      on conflict do nothing`
  })
