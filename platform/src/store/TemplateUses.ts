import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ownerOf, type TemplateRow } from "./TemplateVersions.ts"

/** A service, a release, an unfinished deployment, a deployed stack, or a version of a stack of the library. */
const isInUse = ({ organization_id, name }: TemplateRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const owner = ownerOf({ organization_id })
    const uses = sql`source ->> '_tag' = 'template' and source ->> 'template' = ${name} and source ? 'version'
      and coalesce(source ->> 'owner', ${owner}) = ${owner}
      and ${organization_id === null ? sql`true` : sql`organization_id = ${organization_id}`}`
    const [row] = yield* sql<{ used: boolean }>`
      select exists (select from service where ${uses}) or exists (select from release where ${uses})
        or exists (select from deployment where ${uses} and finished_at is null)
        or exists (select from (
          select s.organization_id, part -> 'source' as source from stack s
          cross join lateral (select parts from stack_revision where stack_id = s.id order by number desc limit 1) newest
          cross join jsonb_array_elements(newest.parts) part where s.wish <> 'deleted') stacked where ${uses})
        or exists (select from (
          select v.organization_id, part -> 'source' as source from template t join template_version v on v.template_id = t.id
          cross join jsonb_array_elements(v.definition -> 'services') part where t.kind = 'stack') named where ${uses}) as used`
    return row!.used
  })

/** Deployed stacks are made from it. One that is being deleted asks nothing of it any more. */
const isDeployed = ({ organization_id, name }: TemplateRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ used: boolean }>`select exists (select from stack
      where template = ${name} and template_owner = ${ownerOf({ organization_id })} and wish <> 'deleted'
        and ${organization_id === null ? sql`true` : sql`organization_id = ${organization_id}`}) as used`
    return row!.used
  })

/** Whether anything is made from the template, so that it has to stay. */
export const isUsed = (template: TemplateRow) =>
  template.kind === "stack" ? isDeployed(template) : isInUse(template)
