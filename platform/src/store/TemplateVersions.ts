import type { BuildObserved } from "@skypanel/contract/AgentProtocol"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { OrganizationId, TemplateId, TemplateVersionId } from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
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

export const ownerOf = ({ organization_id }: Pick<TemplateRow, "organization_id">) =>
  organization_id === null ? "everyone" : "organization"

interface VisibleTemplate extends TemplateRow {
  /** In some version. */
  readonly offered: boolean
}

/** Templates that the organization may see, or those of the one name; its own come before everyone's. */
export const visibleTemplates = (organization: OrganizationId, name: string | null = null) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<VisibleTemplate>`
      select t.*, t.removed_at is null and exists (select from template_version v where v.template_id = t.id
        and v.published_at is not null and v.withdrawn_at is null) as offered
      from template t where (t.organization_id = ${organization} or t.organization_id is null)
        and ${name === null ? sql`true` : sql`t.name = ${name}`}
      order by t.name, t.organization_id nulls last`,
  )

/** What a name means to whoever begins with it: the organization's own stands for everyone's, as long as it is offered. */
export const offeredTemplate = (organization: OrganizationId, name: string) =>
  Effect.map(
    visibleTemplates(organization, name),
    (templates) => templates.find(({ offered }) => offered) ?? null,
  )

type TemplateSource = Extract<Source, { _tag: "template" }>

/** The template that a source was made from. One from before owners were kept is of the organization's own, if it has one. */
export const templateOfSource = (organization: OrganizationId, { template, owner }: TemplateSource) =>
  Effect.map(
    visibleTemplates(organization, template),
    (templates) => templates.find((row) => owner === undefined || ownerOf(row) === owner) ?? null,
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
    const offered = (yield* visibleTemplates(organization)).filter((template) => template.offered)
    const templates = offered.filter(({ name }, at) => offered[at - 1]?.name !== name)
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
          cross join jsonb_array_elements(newest.parts) part where s.wish <> 'deleted') stacked where ${uses}) as used`
    return row!.used
  })
