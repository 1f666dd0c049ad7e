import { PgClient } from "@effect/sql-pg"
import { InvalidInput, NameTaken, NotPossibleNow } from "@skypanel/contract/Errors"
import type { AddTemplate, TemplateDefinition } from "@skypanel/contract/Template"
import { optionProblems, templateLimits } from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newTemplateId, newTemplateVersionId } from "../../domain/id.ts"
import { type TemplateRow, visibleTemplates } from "../../store/TemplateVersions.ts"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import { Templates } from "../../templates/Templates.ts"
import { type Asker, asOwner, forbidden, lockName, manages } from "./asker.ts"
import { auditChange } from "./change.ts"

const problemsOf = ({ options, environment }: TemplateDefinition) => [
  ...optionProblems(options),
  ...environment.flatMap(({ name }, at) => [
    ...(environment.findIndex((other) => other.name === name) < at
      ? [{ path: `environment.${at}.name`, message: `${name} is there twice` }]
      : []),
    ...(options.some(({ variable }) => variable === name)
      ? [{ path: `environment.${at}.name`, message: `${name} is an option's already` }]
      : []),
  ]),
]

const taken = (name: string, by: string) =>
  new NameTaken({ message: `The name "${name}" is taken: ${by}.`, next: "Choose another name." })

const tooMany = (message: string) =>
  new NotPossibleNow({ message, next: "Remove what is not needed any more." })

/** What the owner has in all is counted by one at a time. */
const lockOwner = (owner: TemplateRow["organization_id"]) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select pg_advisory_xact_lock(hashtext(${`skypanel.templates:${owner ?? "everyone"}`}))`,
  )

/** The template of the name that the owner has, or a new one. */
const ensureTemplate = (owner: TemplateRow["organization_id"], name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const own = sql`organization_id is not distinct from ${owner}`
    const [found] = yield* sql<TemplateRow>`select * from template where ${own} and name = ${name} for update`
    if (found !== undefined) return found
    const [count] = yield* sql<{ count: number }>`select count(*)::int as count from template where ${own}`
    if (count!.count >= templateLimits.templates)
      return yield* tooMany(`There are ${templateLimits.templates} templates, and no more are possible.`)
    const rows = yield* sql<TemplateRow>`insert into template ${sql.insert({
      id: newTemplateId(),
      organization_id: owner,
      name,
    } as never)} returning *`
    return rows[0]!
  })

/** A draft: the first version of a new template, or the next one of a template that is there. */
export const addTemplate = (asker: Asker, { name, everyone, definition }: AddTemplate) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const templates = yield* Templates
    const owner = everyone ? null : asker.organization.id
    if (!manages(asker, owner)) return yield* forbidden(owner)
    const characters = JSON.stringify(definition).length
    const issues =
      characters > templateLimits.definitionCharacters
        ? [{ path: "expression", message: "all of a template together has at most 512 KiB" }]
        : problemsOf(definition)
    if (issues.length > 0)
      return yield* new InvalidInput({
        message: "The template is not as it should be.",
        next: "Correct what is named.",
        issues: issues.map(({ path, message }) => ({ path: `definition.${path}`, message })),
      })
    if ((yield* templates.find(name)) !== null || (yield* StackTemplates).isPart(name))
      return yield* taken(name, "SkyPanel comes with it")
    yield* asOwner(
      owner,
      Effect.gen(function* () {
        yield* lockName(name)
        yield* lockOwner(owner)
        const there = yield* visibleTemplates(asker.organization.id, name)
        if (there.length > 0 && !there.some(({ organization_id }) => organization_id === owner))
          return yield* taken(name, everyone ? "your organization has a template of it" : "it is everyone's")
        const template = yield* ensureTemplate(owner, name)
        const [stored] = yield* sql<{ count: number }>`
          select count(*)::int as count from template_version where template_id = ${template.id}`
        if (stored!.count >= templateLimits.versions)
          return yield* tooMany(`A template has at most ${templateLimits.versions} versions.`)
        const [all] = yield* sql<{ characters: bigint }>`
          select coalesce(sum(length(definition::text)), 0) as characters from template_version
          where organization_id is not distinct from ${owner}`
        if (Number(all!.characters) + characters > templateLimits.allCharacters)
          return yield* tooMany("All versions of all templates together have at most 16 MiB.")
        const number = template.version_count + 1
        yield* sql`update template set version_count = ${number} where id = ${template.id}`
        yield* sql`insert into template_version ${sql.insert({
          id: newTemplateVersionId(),
          template_id: template.id,
          organization_id: owner,
          number,
          definition: pg.json(definition),
          created_by: asker.email,
        } as never)}`
        yield* auditChange(asker, template, "added", `Version ${number} of the template ${name} is a draft`)
      }),
    )
  })
