import { InvalidInput } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import {
  type OptionValues,
  optionSecrets,
  optionVariables,
  valueProblems,
} from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { variablesOf } from "../../domain/templates/moveToVersion.ts"
import {
  offeredTemplate,
  ownerOf,
  publishedVersion,
  type TemplateRow,
  templateOfSource,
} from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { Templates } from "../../templates/Templates.ts"
import { noTemplate, notOffered, noVersion, shareName } from "./asker.ts"

export type TemplateSource = Extract<Source, { _tag: "template" }>

/** A source that is a template's, as it was admitted. */
export interface AdmittedTemplate {
  readonly source: TemplateSource
  /** That the options set. */
  readonly variables: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly defaults: Pick<TemplateDefinition, "resources" | "port" | "healthPath"> & {
    readonly environment: Readonly<Record<string, string>>
  }
}

const isSame = (source: TemplateSource, current: Source | null): current is TemplateSource =>
  current?._tag === "template" &&
  current.template === source.template &&
  current.version === source.version &&
  (source.owner === undefined || current.owner === undefined || current.owner === source.owner)

/** Null: that version is none that the organization may use. A service may stay at one that is not offered any more. */
export const readVersion = (organization: OrganizationId, source: TemplateSource, current: Source | null) =>
  Effect.gen(function* () {
    const stays = isSame(source, current)
    const template = yield* stays || source.owner !== undefined
      ? templateOfSource(organization, stays ? current : source)
      : offeredTemplate(organization, "service", source.template)
    if (template === null || (template.removed_at !== null && !stays)) return null
    const version = yield* publishedVersion(template.id, source.version ?? null, stays)
    return version === null ? null : { template, version }
  })

export const findVersion = (organization: OrganizationId, source: TemplateSource, current: Source | null) =>
  asTenant(organization, readVersion(organization, source, current))

/** There is no such template, or not in that version. */
const refuseAbsent = (organization: OrganizationId, { version, ...newest }: TemplateSource) =>
  Effect.gen(function* () {
    const offered = version === undefined ? null : yield* findVersion(organization, newest, null)
    if (version === undefined || offered === null) return yield* noTemplate(newest.template)
    return yield* notOffered(newest.template, version, offered.version.number)
  })

const versionless = (template: string) =>
  new InvalidInput({
    message: `The template "${template}" comes with SkyPanel and has no versions.`,
    next: "Leave the version out.",
    issues: [{ path: "source.version", message: "what comes with SkyPanel has no versions" }],
  })

/** Refuses values that the options do not allow, by their places. */
export const checkOptions = (
  definition: TemplateDefinition,
  values: OptionValues,
  present: Readonly<Record<string, unknown>>,
) => {
  const issues = valueProblems(definition.options, values, present)
  return issues.length === 0
    ? Effect.void
    : Effect.fail(
        new InvalidInput({
          message: `The template's options are not as it needs them: ${issues
            .map(({ path, message }) => `${path.replace("source.options.", "")}: ${message}`)
            .join("; ")}.`,
          next: "Correct the options that are named.",
          issues,
        }),
      )
}

/** Of options that nobody said anything about. */
const defaultVariables = ({ options }: TemplateDefinition, present: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    options.flatMap(({ variable, default: value }) =>
      variable === null || value === null || Object.hasOwn(present, variable)
        ? []
        : [[variable, String(value)]],
    ),
  )

/** The source of the version: what the build may know. */
export const sourceAt = (
  template: Pick<TemplateRow, "name" | "organization_id">,
  version: number,
  definition: TemplateDefinition,
  values: OptionValues,
): TemplateSource => ({
  _tag: "template",
  template: template.name,
  version,
  owner: ownerOf(template),
  options: Object.fromEntries(
    definition.options.flatMap(({ name, variable }) =>
      variable === null && Object.hasOwn(values, name) ? [[name, values[name]!]] : [],
    ),
  ),
})

/** `present`: variables that the service has, or shall have; null: none were given. `current`: its source of before. */
export const admitTemplate = (
  organization: OrganizationId,
  source: TemplateSource,
  present: Readonly<Record<string, unknown>>,
  current: Source | null = null,
) =>
  Effect.gen(function* () {
    const templates = yield* Templates
    const shipped = yield* templates.find(source.template)
    if (shipped !== null) {
      if (source.version !== undefined) return yield* versionless(source.template)
      return {
        source: { _tag: "template", template: source.template },
        variables: {},
        secrets: {},
        defaults: {
          ...shipped,
          environment: Object.fromEntries(shipped.environment.map(({ name, value }) => [name, value])),
        },
      } satisfies AdmittedTemplate
    }
    const found = yield* findVersion(organization, source, current)
    if (found === null) return yield* refuseAbsent(organization, source)
    const { definition, number } = found.version
    const values = source.options ?? {}
    yield* checkOptions(definition, values, present)
    return {
      source: sourceAt(found.template, number, definition, values),
      variables: { ...defaultVariables(definition, present), ...optionVariables(definition.options, values) },
      secrets: optionSecrets(definition.options, values),
      defaults: { ...definition, environment: variablesOf(definition) },
    } satisfies AdmittedTemplate
  })

/** In the transaction that begins to use the source: its template is not deleted meanwhile, or it is gone already. */
export const holdTemplate = (organization: OrganizationId, source: Source) =>
  Effect.gen(function* () {
    if (source._tag !== "template" || source.version === undefined) return
    const sql = yield* SqlClient.SqlClient
    yield* shareName("service", source.template)
    const template = yield* templateOfSource(organization, source)
    const there = yield* sql`select 1 from template_version
      where template_id = ${template?.id ?? null} and number = ${source.version}`
    if (there.length === 0) return yield* noVersion(source.template, source.version)
  })
