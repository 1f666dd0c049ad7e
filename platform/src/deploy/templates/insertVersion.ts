import { PgClient } from "@effect/sql-pg"
import { InvalidInput, NameTaken, NotPossibleNow } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { StackDefinition } from "@skypanel/contract/StackTemplate"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import { templateLimits } from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newTemplateId, newTemplateVersionId } from "../../domain/id.ts"
import { type TemplateKind, type TemplateRow, visibleTemplates } from "../../store/TemplateVersions.ts"
import { holdTemplate } from "./admit.ts"
import { type Asker, asOwner, lockName, wordsOf } from "./asker.ts"
import { auditChange } from "./change.ts"

export const taken = (name: string, by: string) =>
  new NameTaken({ message: `The name "${name}" is taken: ${by}.`, next: "Choose another name." })

const tooMany = (message: string) =>
  new NotPossibleNow({ message, next: "Remove what is not needed any more." })

const refuseTooLarge = (characters: number) =>
  characters <= templateLimits.definitionCharacters
    ? Effect.void
    : Effect.fail(
        new InvalidInput({
          message: "This is too large: all of a version together has at most 512 KiB.",
          next: "Leave something out.",
          issues: [{ path: "definition", message: "all of it together has at most 512 KiB" }],
        }),
      )

/** What the owner has in all is counted by one at a time. */
const lockOwner = (owner: OrganizationId | null) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select pg_advisory_xact_lock(hashtext(${`skypanel.templates:${owner ?? "everyone"}`}))`,
  )

/** The template of the name that the owner has, or a new one. */
const ensureTemplate = (owner: OrganizationId | null, kind: TemplateKind, name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const own = sql`organization_id is not distinct from ${owner} and kind = ${kind}`
    const [found] = yield* sql<TemplateRow>`select * from template where ${own} and name = ${name} for update`
    if (found !== undefined) return found
    const [count] = yield* sql<{ count: number }>`select count(*)::int as count from template where ${own}`
    if (count!.count >= templateLimits.templates)
      return yield* tooMany(
        `There are ${templateLimits.templates} ${wordsOf[kind].noun}s, and no more are possible.`,
      )
    const rows = yield* sql<TemplateRow>`insert into template ${sql.insert({
      id: newTemplateId(),
      organization_id: owner,
      kind,
      name,
    } as never)} returning *`
    return rows[0]!
  })

const refuseTooMany = (template: TemplateRow, characters: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [stored] = yield* sql<{ count: number }>`
      select count(*)::int as count from template_version where template_id = ${template.id}`
    if (stored!.count >= templateLimits.versions)
      return yield* tooMany(
        `A ${wordsOf[template.kind].noun} has at most ${templateLimits.versions} versions.`,
      )
    const [all] = yield* sql<{ characters: bigint }>`
      select coalesce(sum(length(definition::text)), 0) as characters from template_version
      where organization_id is not distinct from ${template.organization_id}`
    if (Number(all!.characters) + characters > templateLimits.allCharacters)
      return yield* tooMany("All versions of all templates and stacks together have at most 16 MiB.")
  })

/** A draft of what was found to be right: the first version of a new template, or the next one. */
export const insertVersion = (
  asker: Asker,
  kind: TemplateKind,
  owner: OrganizationId | null,
  name: string,
  definition: TemplateDefinition | StackDefinition,
) =>
  Effect.gen(function* () {
    const characters = JSON.stringify(definition).length
    yield* refuseTooLarge(characters)
    const insert = Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const pg = yield* PgClient.PgClient
      yield* lockName(kind, name)
      if ("services" in definition)
        for (const { source } of definition.services) yield* holdTemplate(asker.organization.id, source)
      yield* lockOwner(owner)
      const there = yield* visibleTemplates(asker.organization.id, kind, name)
      if (there.length > 0 && !there.some(({ organization_id }) => organization_id === owner))
        return yield* taken(name, owner === null ? "your organization has one of it" : "it is everyone's")
      const template = yield* ensureTemplate(owner, kind, name)
      yield* refuseTooMany(template, characters)
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
      const what = `Version ${number} of the ${wordsOf[kind].noun} ${name} is a draft`
      yield* auditChange(asker, template, "added", what)
    })
    yield* asOwner(owner, insert)
  })
