import { PgClient } from "@effect/sql-pg"
import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { StackPart } from "@skypanel/contract/Stack"
import type { StackDefinition } from "@skypanel/contract/StackTemplate"
import type { TemplateDefinition, TemplateState } from "@skypanel/contract/Template"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newBuildId } from "../../domain/id.ts"
import { audit } from "../../store/Audit.ts"
import { isUsed } from "../../store/TemplateUses.ts"
import {
  stateOfVersion,
  type TemplateKind,
  type TemplateRow,
  type TemplateVersionRow,
  versionsOf,
} from "../../store/TemplateVersions.ts"
import { endTrials } from "../../store/Trials.ts"
import { type Asker, changeTemplate, noVersion, wordsOf } from "./asker.ts"
import { refuseNotOffered } from "./stackParts.ts"

/** What is everyone's is the platform's: whoever changes it is written down. */
export const auditChange = (asker: Asker, template: TemplateRow, action: string, text: string) =>
  template.organization_id === null
    ? audit({ actor: asker.email, action: `template.${action}`, text: `${text} for everyone.` })
    : Effect.void

type AnyVersion = TemplateVersionRow<TemplateDefinition | StackDefinition>

const nounOf = ({ kind }: TemplateRow) => wordsOf[kind].noun

const changeVersion = <A, E, R>(
  asker: Asker,
  kind: TemplateKind,
  name: string,
  number: number,
  change: (version: AnyVersion, state: TemplateState, template: TemplateRow) => Effect.Effect<A, E, R>,
) =>
  changeTemplate(asker, kind, name, (template) =>
    Effect.gen(function* () {
      const [version] = yield* versionsOf<AnyVersion["definition"]>(template.id, number)
      if (version === undefined) return yield* noVersion(name, number, kind)
      return yield* change(version, stateOfVersion(version), template)
    }),
  )

const whyNotValidated: Partial<Record<TemplateState, string>> = {
  validating: "its trial build is under way",
  valid: "its trial build succeeded already",
  published: "it is offered already",
  withdrawn: "it was offered already: publish it again",
}

/** Trials of one organization that wait or run: with more it would be the only one that waits. */
const trialsAtOnce = 5

/** Those that ask at the same time are counted one after the other. */
const refuseTooManyTrials = ({ id }: Asker["organization"]) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`select pg_advisory_xact_lock(hashtext(${`skypanel.trials:${id}`}))`
    const [row] = yield* sql<{
      trials: number
    }>`select count(distinct template_version_id)::int as trials from build
      where organization_id = ${id} and template_version_id is not null and finished_at is null`
    if (row!.trials >= trialsAtOnce)
      return yield* new NotPossibleNow({
        message: `${trialsAtOnce} trials of the organization wait or run, and no more are possible.`,
        next: "Validate it when one of them has ended.",
      })
  })

/** What is built for trial: the template itself, or each service of a stack. */
const triedOf = ({ definition }: AnyVersion): ReadonlyArray<Pick<StackPart, "key" | "source"> | null> =>
  "services" in definition ? definition.services : [null]

/** The trial builds wait for their turn in the build queue, as ones of the asker's organization. */
export const validateVersion = (asker: Asker, name: string, number: number, kind: TemplateKind = "service") =>
  changeVersion(asker, kind, name, number, (version, state, template) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const pg = yield* PgClient.PgClient
      const why = whyNotValidated[state]
      if (why !== undefined)
        return yield* new NotPossibleNow({
          message: `Version ${number} of "${name}" needs no trial: ${why}.`,
          next: "A draft, or one whose trial failed, can be validated.",
        })
      yield* refuseTooManyTrials(asker.organization)
      yield* sql`delete from build where template_version_id = ${version.id}`
      for (const tried of triedOf(version))
        yield* sql`insert into build ${sql.insert({
          id: newBuildId(),
          organization_id: asker.organization.id,
          organization_slug: asker.organization.slug,
          template_version_id: version.id,
          part: tried?.key ?? null,
          part_source: tried === null ? null : pg.json(tried.source),
          created_by: asker.email,
        } as never)}`
      yield* auditChange(
        asker,
        template,
        "validated",
        `Version ${number} of the ${nounOf(template)} ${name} is tried`,
      )
    }),
  )

const whyNotPublished: Partial<Record<TemplateState, string>> = {
  draft: "nobody has validated it",
  validating: "its trial build is under way",
  failed: "its trial build failed",
}

export const publishVersion = (asker: Asker, name: string, number: number, kind: TemplateKind = "service") =>
  changeVersion(asker, kind, name, number, (version, state, template) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const why =
        state === "published" && template.removed_at === null
          ? "it is offered already"
          : whyNotPublished[state]
      if (why !== undefined)
        return yield* new NotPossibleNow({
          message: `Version ${number} of "${name}" cannot be published: ${why}.`,
          next: "Only what was validated, or withdrawn, can be published.",
        })
      if ("services" in version.definition)
        yield* refuseNotOffered(asker.organization.id, version.definition.services)
      yield* sql`update template_version set published_at = coalesce(published_at, now()), withdrawn_at = null
        where id = ${version.id}`
      yield* sql`update template set removed_at = null where id = ${template.id}`
      yield* auditChange(
        asker,
        template,
        "published",
        `Version ${number} of the ${nounOf(template)} ${name} is offered`,
      )
    }),
  )

export const withdrawVersion = (asker: Asker, name: string, number: number, kind: TemplateKind = "service") =>
  changeVersion(asker, kind, name, number, (version, state, template) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      if (state === "withdrawn")
        return yield* new NotPossibleNow({
          message: `Version ${number} of "${name}" is withdrawn already.`,
          next: "Publish it to offer it again.",
        })
      const what = `Version ${number} of the ${nounOf(template)} ${name}`
      if (state === "published") {
        yield* sql`update template_version set withdrawn_at = now() where id = ${version.id}`
        return yield* auditChange(asker, template, "withdrawn", `${what} is withdrawn`)
      }
      // Nothing can be made from one that never was offered.
      const running = yield* endTrials(template.id, version.id)
      if (running.length === 0) yield* sql`delete from template_version where id = ${version.id}`
      yield* auditChange(asker, template, "deleted", `${what}, which was never offered, is deleted`)
    }),
  )

/** What services and releases are made from stays, hidden, until nothing is. */
export const removeTemplate = (asker: Asker, name: string, kind: TemplateKind = "service") =>
  changeTemplate(asker, kind, name, (template) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const used = yield* isUsed(template)
      if (used && template.removed_at !== null)
        return yield* new NotPossibleNow({
          message: `"${name}" is removed already, and kept while something is made from it.`,
          next: "Publish one of its versions to offer it again.",
        })
      const running = used ? [] : yield* endTrials(template.id)
      if (running.length > 0)
        yield* sql`delete from template_version where template_id = ${template.id} and not (${sql.in("id", running)})`
      yield* used || running.length > 0
        ? sql`update template set removed_at = now() where id = ${template.id}`
        : sql`delete from template where id = ${template.id}`
      yield* auditChange(asker, template, "removed", `The ${nounOf(template)} ${name} is removed`)
    }),
  )
