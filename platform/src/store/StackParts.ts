import type { Environment } from "@skypanel/contract/Environment"
import type { OrganizationId, ReleaseId, StackId } from "@skypanel/contract/Id"
import { hasReferences } from "@skypanel/contract/StackReferences"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Meanings } from "../domain/stacks/meanings.ts"
import type { Known } from "../domain/stacks/plan.ts"

interface Row {
  readonly key: string
  readonly serves: boolean
  readonly release: ReleaseId | null
  readonly port: number | null
  readonly environment: Environment | null
  readonly started: ReadonlyArray<Meanings | null> | null
}

const refers = (environment: Environment | null) =>
  environment !== null && Object.values(environment).some(hasReferences)

/** What is known of a stack's services, by their keys. */
export const knownParts = (organization: OrganizationId, stack: StackId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`
      select s.stack_key as key, s.wish = 'running' and d.id is not null as serves, s.current_release_id as release,
        d.port, d.environment, p.started
      from service s
      left join deployment d on d.id = s.live_deployment_id
      left join lateral (
        select jsonb_agg(p.meanings) as started from placement p
        where p.deployment_id = d.id and p.state in ('starting', 'serving')
      ) p on true
      where s.organization_id = ${organization} and s.stack_id = ${stack} and s.stack_key is not null`
    return new Map(
      rows.map(({ key, serves, release, port, environment, started }): [string, Known] => [
        key,
        { serves, release, port, started: refers(environment) ? (started ?? []) : [] },
      ]),
    )
  })

/** The services of a stack whose releases refer to something, by their keys. */
export const referringParts = (organization: OrganizationId, stack: StackId, reference: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{
        key: string
      }>`select s.stack_key as key from service s join release r on r.id = s.current_release_id
        where s.organization_id = ${organization} and s.stack_id = ${stack}
          and exists (select from jsonb_each_text(r.environment) v
            where position(${`\${${reference}}`} in v.value) > 0)`,
      (rows) => new Set(rows.map(({ key }) => key)),
    ),
  )
