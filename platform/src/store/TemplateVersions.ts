import type { BuildObserved } from "@skypanel/contract/AgentProtocol"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { OrganizationId, TemplateId, TemplateVersionId } from "@skypanel/contract/Id"
import type { TemplateDefinition, TemplateState } from "@skypanel/contract/Template"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export interface TemplateRow {
  readonly id: TemplateId
  /** Null: everyone's. */
  readonly organization_id: OrganizationId | null
  readonly name: string
  readonly version_count: number
  readonly removed_at: Date | null
}

export interface TemplateVersionRow {
  readonly id: TemplateVersionId
  readonly template_id: TemplateId
  readonly number: number
  readonly definition: TemplateDefinition
  readonly created_by: string
  readonly created_at: Date
  readonly published_at: Date | null
  readonly withdrawn_at: Date | null
  /** Of its trial build; all null: there is none. */
  readonly phase: BuildObserved["phase"] | null
  readonly queue_reason: string | null
  readonly failure: DeploymentFailure | null
}

/** What a version's marks and its trial build say together. */
export const stateOfVersion = (row: TemplateVersionRow): TemplateState => {
  if (row.published_at !== null) return row.withdrawn_at === null ? "published" : "withdrawn"
  switch (row.phase) {
    case null:
      return "draft"
    case "succeeded":
      return "valid"
    case "failed":
      return "failed"
    default:
      return "validating"
  }
}

/** Templates that the organization may see: its own stands for everyone's of the same name. */
export const visibleTemplates = (organization: OrganizationId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<TemplateRow>`
      select distinct on (name) * from template
      where organization_id = ${organization} or organization_id is null
      order by name, organization_id nulls last`,
  )

export const findTemplate = (organization: OrganizationId, name: string) =>
  Effect.map(
    visibleTemplates(organization),
    (templates) => templates.find((template) => template.name === name) ?? null,
  )

/** Newest first; without drafts that were withdrawn and go as soon as their trial has ended. */
export const versionsOf = (template: TemplateId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<TemplateVersionRow>`
      select v.*, b.phase, b.queue_reason, b.failure
      from template_version v left join build b on b.template_version_id = v.id
      where v.template_id = ${template} and (v.published_at is not null or v.withdrawn_at is null)
      order by v.number desc`,
  )

export interface OfferedRow {
  readonly template_id: TemplateId
  readonly number: number
  readonly definition: Omit<TemplateDefinition, "expression">
}

/** The newest version of each template that is offered, without its expression. */
export const offeredVersions = (organization: OrganizationId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const templates = (yield* visibleTemplates(organization)).filter(({ removed_at }) => removed_at === null)
    if (templates.length === 0) return []
    const versions = yield* sql<OfferedRow>`
      select distinct on (template_id) template_id, number, definition - 'expression' as definition
      from template_version where ${sql.in(
        "template_id",
        templates.map(({ id }) => id),
      )} and published_at is not null and withdrawn_at is null
      order by template_id, number desc`
    return templates.flatMap((template) => {
      const version = versions.find(({ template_id }) => template_id === template.id)
      return version === undefined ? [] : [{ template, version }]
    })
  })

/** Whether a service, a release, an unfinished deployment or a stack is made from the template. */
export const isUsed = ({ organization_id, name }: TemplateRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const uses = sql`source ->> '_tag' = 'template' and source ->> 'template' = ${name} and source ? 'version'
      and ${organization_id === null ? sql`true` : sql`organization_id = ${organization_id}`}`
    const [row] = yield* sql<{ used: boolean }>`
      select exists (select from service where ${uses}) or exists (select from release where ${uses})
        or exists (select from deployment where ${uses} and finished_at is null)
        or exists (select from (
          select s.organization_id, part -> 'source' as source from stack s
          cross join lateral (select parts from stack_revision where stack_id = s.id order by number desc limit 1) newest
          cross join jsonb_array_elements(newest.parts) part where s.wish <> 'deleted') stacked where ${uses}) as used`
    return row!.used
  })
