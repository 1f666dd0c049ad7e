import { Forbidden, NotFound } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { type TemplateKind, type TemplateRow, visibleTemplates } from "../../store/TemplateVersions.ts"
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

/** What a template of a kind is called, and how one goes on with it. */
export const wordsOf: Record<TemplateKind, Readonly<Record<"noun" | "show" | "validate", string>>> = {
  service: {
    noun: "template",
    show: "skypanel templates show",
    validate: "skypanel templates validate",
  },
  stack: {
    noun: "stack",
    show: "skypanel stacks templates show",
    validate: "skypanel stacks validate",
  },
}

export const noTemplate = (name: string, kind: TemplateKind = "service") =>
  new NotFound({
    message: `There is no ${wordsOf[kind].noun} "${name}"${kind === "stack" ? " in the library" : ""}.`,
    next: `Choose one of the ${wordsOf[kind].noun}s that the list shows.`,
  })

export const noVersion = (name: string, number: number, kind: TemplateKind = "service") =>
  new NotFound({
    message: `The ${wordsOf[kind].noun} "${name}" has no version ${number}.`,
    next: `\`${wordsOf[kind].show} ${name}\` lists its versions.`,
  })

/** `newest`: of those that may be had. */
export const notOffered = (name: string, number: number, newest: number) =>
  new NotFound({
    message: `The template "${name}" offers no version ${number}; the newest that it offers is ${newest}.`,
    next: `\`${wordsOf.service.show} ${name}\` lists its versions.`,
  })

export const forbidden = (owner: OrganizationId | null, kind: TemplateKind) => {
  const { noun } = wordsOf[kind]
  return new Forbidden({
    message:
      owner === null
        ? `Changing ${noun}s for everyone is for administrators of the platform.`
        : `Changing the organization's ${noun}s is for its owners and administrators.`,
    next: "Ask one of them.",
  })
}

/** What is everyone's is written by the platform itself; a tenant's transaction only reads it. */
export const asOwner = <A, E, R>(owner: OrganizationId | null, effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    owner === null ? sql.withTransaction(effect) : asTenant(owner, effect),
  )

const lockedAs = (kind: TemplateKind, name: string) =>
  kind === "service" ? `skypanel.template:${name}` : `skypanel.stack-template:${name}`

/** Whoever adds, publishes or removes a template of the name waits for the others, and for services that take it. */
export const lockName = (kind: TemplateKind, name: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select pg_advisory_xact_lock(hashtext(${lockedAs(kind, name)}))`,
  )

/** Whoever begins to use a template of the name keeps it from changing until the transaction's end. */
export const shareName = (kind: TemplateKind, name: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select pg_advisory_xact_lock_shared(hashtext(${lockedAs(kind, name)}))`,
  )

/** What a name means to whoever looks at a template itself: first what they may change, then what is offered to them. */
export const namedTemplate = (asker: Asker, name: string, kind: TemplateKind = "service") =>
  Effect.flatMap(
    asTenant(asker.organization.id, visibleTemplates(asker.organization.id, kind, name)),
    (templates) => {
      const found =
        templates.find(({ organization_id }) => manages(asker, organization_id)) ??
        templates.find(({ offered }) => offered) ??
        templates[0]
      return found === undefined ? Effect.fail(noTemplate(name, kind)) : Effect.succeed(found)
    },
  )

/** Changes the template that the name means to the asker, if they may; one change of it at a time. */
export const changeTemplate = <A, E, R>(
  asker: Asker,
  kind: TemplateKind,
  name: string,
  change: (template: TemplateRow) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const found = yield* namedTemplate(asker, name, kind)
    if (!manages(asker, found.organization_id)) return yield* forbidden(found.organization_id, kind)
    return yield* asOwner(
      found.organization_id,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* lockName(kind, name)
        const [template] = yield* sql<TemplateRow>`select * from template where id = ${found.id} for update`
        if (template === undefined) return yield* noTemplate(name, kind)
        return yield* change(template)
      }),
    )
  })
