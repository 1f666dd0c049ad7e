import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { OrganizationId, TemplateId, TemplateVersionId } from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
import type { TemplateDefinition, TemplateState } from "@skypanel/contract/Template"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Of one service, or of a stack of several. */
export type TemplateKind = "service" | "stack"

export interface TemplateRow {
  readonly id: TemplateId
  readonly kind: TemplateKind
  /** Null: everyone's. */
  readonly organization_id: OrganizationId | null
  readonly name: string
  readonly version_count: number
  readonly removed_at: Date | null
}

/** A trial build of a version; a stack has one for each of its services. */
export interface TrialRow {
  /** The service of a stack. */
  readonly part: string | null
  readonly phase: BuildObserved["phase"]
  readonly reason: string | null
  readonly failure: DeploymentFailure | null
  readonly asked: string
}

export interface TemplateVersionRow<Definition = TemplateDefinition> {
  readonly id: TemplateVersionId
  readonly template_id: TemplateId
  readonly number: number
  readonly definition: Definition
  readonly created_by: string
  readonly created_at: Date
  readonly published_at: Date | null
  readonly withdrawn_at: Date | null
  readonly trials: ReadonlyArray<TrialRow>
}

/** What a version's marks and its trial builds say together. */
export const stateOfVersion = (row: TemplateVersionRow<unknown>): TemplateState => {
  if (row.published_at !== null) return row.withdrawn_at === null ? "published" : "withdrawn"
  const phases = row.trials.map(({ phase }) => phase)
  if (phases.length === 0) return "draft"
  if (phases.some((phase) => phase !== "succeeded" && phase !== "failed")) return "validating"
  return phases.includes("failed") ? "failed" : "valid"
}

/** What a trial that has not ended waits for, or does. */
export const progressOf = ({ phase, reason }: TrialRow): string | null => {
  if (phase === "waiting") return reason ?? "waiting for a builder"
  return phase === "succeeded" || phase === "failed" ? null : phase
}

export const ownerOf = ({
  organization_id,
}: Pick<TemplateRow, "organization_id">): "everyone" | "organization" =>
  organization_id === null ? "everyone" : "organization"

interface VisibleTemplate extends TemplateRow {
  /** In some version. */
  readonly offered: boolean
}

/** Templates that the organization may see, or those of the one name; its own come before everyone's. */
export const visibleTemplates = (
  organization: OrganizationId,
  kind: TemplateKind,
  name: string | null = null,
) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<VisibleTemplate>`
      select t.*, t.removed_at is null and exists (select from template_version v where v.template_id = t.id
        and v.published_at is not null and v.withdrawn_at is null) as offered
      from template t where (t.organization_id = ${organization} or t.organization_id is null)
        and t.kind = ${kind} and ${name === null ? sql`true` : sql`t.name = ${name}`}
      order by t.name, t.organization_id nulls last`,
  )

/** What a name means to whoever begins with it: the organization's own stands for everyone's, as long as it is offered. */
export const offeredTemplate = (organization: OrganizationId, kind: TemplateKind, name: string) =>
  Effect.map(
    visibleTemplates(organization, kind, name),
    (templates) => templates.find(({ offered }) => offered) ?? null,
  )

type TemplateSource = Extract<Source, { _tag: "template" }>

/** The template that a source was made from. One from before owners were kept is of the organization's own, if it has one. */
export const templateOfSource = (organization: OrganizationId, { template, owner }: TemplateSource) =>
  Effect.map(
    visibleTemplates(organization, "service", template),
    (templates) => templates.find((row) => owner === undefined || ownerOf(row) === owner) ?? null,
  )

/** Of `template_version v`: it is no draft that was withdrawn, and goes as soon as its trial has ended. */
export const isThere = (sql: SqlClient.SqlClient) =>
  sql`(v.published_at is not null or v.withdrawn_at is null)`

/** Newest first, or the one of the number; definitions are large. */
export const versionsOf = <Definition = TemplateDefinition>(
  template: TemplateId,
  number: number | null = null,
) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<TemplateVersionRow<Definition>>`
      select v.*, coalesce(b.trials, '[]') as trials
      from template_version v left join lateral (
        select jsonb_agg(jsonb_build_object('part', part, 'phase', phase, 'reason', queue_reason, 'failure', failure,
          'asked', created_at) order by part) as trials
        from build where template_version_id = v.id) b on true
      where v.template_id = ${template} and ${isThere(sql)}
        and ${number === null ? sql`true` : sql`v.number = ${number}::bigint`}
      order by v.number desc`,
  )

/** The version of the number, or the newest; of those that are offered, or that were offered once. */
export const publishedVersion = <Definition = TemplateDefinition>(
  template: TemplateId,
  number: number | null,
  once: boolean,
) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Pick<TemplateVersionRow<Definition>, "number" | "definition">>`
        select number, definition from template_version
        where template_id = ${template} and published_at is not null
          and ${once ? sql`true` : sql`withdrawn_at is null`}
          and ${number === null ? sql`true` : sql`number = ${number}::bigint`}
        order by number desc limit 1`,
      (rows) => rows[0] ?? null,
    ),
  )

interface OfferedRow<Definition> {
  readonly template_id: TemplateId
  readonly number: number
  readonly definition: Omit<Definition, "expression">
}

/** The newest version of each template that is offered, without its expression. */
export const offeredVersions = <Definition = TemplateDefinition>(
  organization: OrganizationId,
  kind: TemplateKind,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const offered = (yield* visibleTemplates(organization, kind)).filter((template) => template.offered)
    const templates = offered.filter(({ name }, at) => offered[at - 1]?.name !== name)
    if (templates.length === 0) return []
    const versions = yield* sql<OfferedRow<Definition>>`
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
