import { Forbidden, NotFound } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { type TemplateRow, visibleTemplates } from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"

/** Who asks, and in which organization. */
export interface Asker {
  readonly organization: Member
  readonly email: string
  readonly administrator: boolean
}

/** An organization's own is for its owners and administrators, everyone's for those of the platform. */
export const manages = (asker: Asker, owner: OrganizationId | null): boolean =>
  owner === null
    ? asker.administrator
    : owner === asker.organization.id && asker.organization.role !== "member"

export const noTemplate = (name: string) =>
  new NotFound({
    message: `There is no template "${name}".`,
    next: "Choose one of the templates that the list shows.",
  })

export const noVersion = (name: string, number: number) =>
  new NotFound({
    message: `The template "${name}" has no version ${number}.`,
    next: "`skypanel templates show` lists its versions.",
  })

export const forbidden = (owner: OrganizationId | null) =>
  new Forbidden({
    message:
      owner === null
        ? "Templates for everyone are for administrators of the platform."
        : "The organization's templates are for its owners and administrators.",
    next: "Ask one of them.",
  })

/** What is everyone's is written by the platform itself; a tenant's transaction only reads it. */
export const asOwner = <A, E, R>(owner: OrganizationId | null, effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    owner === null ? sql.withTransaction(effect) : asTenant(owner, effect),
  )

/** Whoever adds, publishes or removes a template of the name waits for the others, and for services that take it. */
export const lockName = (name: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select pg_advisory_xact_lock(hashtext(${`skypanel.template:${name}`}))`,
  )

/** What a name means to whoever looks at a template itself: first what they may change, then what is offered to them. */
export const namedTemplate = (asker: Asker, name: string) =>
  Effect.flatMap(
    asTenant(asker.organization.id, visibleTemplates(asker.organization.id, name)),
    (templates) => {
      const found =
        templates.find(({ organization_id }) => manages(asker, organization_id)) ??
        templates.find(({ offered }) => offered) ??
        templates[0]
      return found === undefined ? Effect.fail(noTemplate(name)) : Effect.succeed(found)
    },
  )

/** Changes the template that the name means to the asker, if they may; one change of it at a time. */
export const changeTemplate = <A, E, R>(
  asker: Asker,
  name: string,
  change: (template: TemplateRow) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const found = yield* namedTemplate(asker, name)
    if (!manages(asker, found.organization_id)) return yield* forbidden(found.organization_id)
    return yield* asOwner(
      found.organization_id,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* lockName(name)
        const [template] = yield* sql<TemplateRow>`select * from template where id = ${found.id} for update`
        if (template === undefined) return yield* noTemplate(name)
        return yield* change(template)
      }),
    )
  })
