import { NotFound } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { StackTemplate } from "@skypanel/contract/Stack"
import type { StackDefinition, StackStanding } from "@skypanel/contract/StackTemplate"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { compareStacks } from "../../domain/templates/compareStacks.ts"
import { newestRevision, type StackRevisionRow, type StackRow } from "../../store/Stacks.ts"
import {
  offeredTemplate,
  ownerOf,
  publishedVersion,
  stateOfVersion,
  type TemplateRow,
  type TemplateVersionRow,
  versionsOf,
  visibleTemplates,
} from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import { noTemplate, noVersion, shareName } from "../templates/asker.ts"

export const noStack = (name: string) =>
  new NotFound({ message: `There is no stack "${name}".`, next: "The list of stacks shows which there are." })

const toTemplate = (
  template: TemplateRow,
  { number, definition }: Pick<TemplateVersionRow<StackDefinition>, "number" | "definition">,
): StackTemplate => ({
  ...definition,
  name: template.name,
  owner: ownerOf(template),
  version: String(number),
})

/** The template of the library that a new stack is made from, in the newest version that is offered. */
export const templateOfNew = (organization: OrganizationId, name: string) =>
  Effect.gen(function* () {
    const shipped = yield* (yield* StackTemplates).find(name)
    if (shipped !== null) return shipped
    const found = yield* asTenant(
      organization,
      Effect.gen(function* () {
        const template = yield* offeredTemplate(organization, "stack", name)
        const version = template && (yield* publishedVersion<StackDefinition>(template.id, null, false))
        return template && version && toTemplate(template, version)
      }),
    )
    return found ?? (yield* noTemplate(name, "stack"))
  })

/** In the transaction that makes a stack: its template is not deleted meanwhile, or it is gone already. */
export const holdStackTemplate = (
  organization: OrganizationId,
  { name, owner, version }: Pick<StackTemplate, "name" | "owner" | "version">,
) =>
  Effect.gen(function* () {
    if (owner === "skypanel") return
    const sql = yield* SqlClient.SqlClient
    yield* shareName("stack", name)
    const template = (yield* visibleTemplates(organization, "stack", name)).find(
      (row) => ownerOf(row) === owner,
    )
    const there = yield* sql`select 1 from template_version
      where template_id = ${template?.id ?? null} and number = ${Number(version)}`
    if (there.length === 0) return yield* noVersion(name, Number(version), "stack")
  })

/** The template with versions that a stack is made from, and the one that it stands at; null: it came with SkyPanel. */
const versionsFor = ({ organization_id, template: name, template_owner }: StackRow, now: StackRevisionRow) =>
  Effect.gen(function* () {
    if (template_owner === null) return null
    const templates = yield* visibleTemplates(organization_id, "stack", name)
    const template = templates.find((row) => ownerOf(row) === template_owner)
    const versions = template === undefined ? [] : yield* versionsOf<StackDefinition>(template.id)
    const stands = versions.find(({ number }) => number === Number(now.template_version))
    if (template === undefined || stands === undefined)
      return yield* noVersion(name, Number(now.template_version), "stack")
    const offered =
      template.removed_at === null ? versions.filter((row) => stateOfVersion(row) === "published") : []
    return { template, stands, offered }
  })

/** What a stack is made from by now, and what it shall be made from: `to`, or the same. */
export const templatesOfChange = (stack: StackRow, now: StackRevisionRow, to: number | undefined) =>
  Effect.gen(function* () {
    const found = yield* versionsFor(stack, now)
    if (found === null) {
      const shipped = yield* (yield* StackTemplates).find(stack.template)
      if (shipped === null)
        return yield* new NotFound({
          message: `The stack "${stack.template}" is not in the library any more.`,
          next: "Its services can be changed by their own names.",
        })
      return { before: null, after: shipped }
    }
    const { template, stands, offered } = found
    const before = toTemplate(template, stands)
    if (to === undefined || to === stands.number) return { before, after: before }
    const version = offered.find(({ number }) => number === to)
    if (version === undefined) return yield* noVersion(stack.template, to, "stack")
    return { before, after: toTemplate(template, version) }
  })

/** Which version a deployed stack is made from, and whether there is a newer one. */
export const stackStanding = (organization: OrganizationId, name: string) =>
  asTenant(organization, standingOf(organization, name))

const standingOf = (organization: OrganizationId, name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [stack] = yield* sql<StackRow>`
      select * from stack where organization_id = ${organization} and name = ${name}`
    if (stack === undefined) return yield* noStack(name)
    // Its template may be gone before it is.
    if (stack.wish === "deleted") return null
    const revision = yield* newestRevision(organization, stack.id)
    const found = yield* versionsFor(stack, revision)
    if (found === null) return null
    const { stands, offered } = found
    const newest = offered.find(({ number }) => number > stands.number) ?? null
    return {
      template: stack.template,
      version: stands.number,
      available: newest?.number ?? null,
      difference: newest === null ? null : compareStacks(stands, newest),
    } satisfies StackStanding
  })
