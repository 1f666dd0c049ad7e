import { createHash } from "node:crypto"
import type { OrganizationId, UserId } from "@skypanel/contract/Id"
import { betterAuth } from "better-auth"
import { getMigrations } from "better-auth/db/migration"
import { toNodeHandler } from "better-auth/node"
import { admin, bearer, organization } from "better-auth/plugins"
import { Context, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import pg from "pg"
import { PlatformConfig } from "../config.ts"
import { newId } from "../domain/id.ts"

const prefixes: Record<string, string> = { user: "usr", organization: "org" }

/** better-auth keeps its tables in a schema of its own; ids are ours. */
const configure = (config: PlatformConfig["Service"], database: pg.Pool) =>
  betterAuth({
    database,
    baseURL: config.publicUrl,
    basePath: "/api/auth",
    // A key of its own, derived from the one secret, so that no two uses share one.
    secret: createHash("sha256")
      .update(`auth:${Redacted.value(config.secret)}`)
      .digest("hex"),
    trustedOrigins: [config.publicUrl, `http://127.0.0.1:${config.port}`],
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12 },
    plugins: [organization({ allowUserToCreateOrganization: false }), admin(), bearer()],
    rateLimit: {
      enabled: true,
      window: 60,
      max: 600,
      customRules: { "/sign-in/email": { window: 60, max: 20 } },
    },
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: "skypanel",
      database: { generateId: ({ model }) => newId(prefixes[model] ?? "aut") },
    },
  })

export type BetterAuth = ReturnType<typeof configure>

export interface Member {
  readonly id: OrganizationId
  readonly slug: string
  readonly name: string
  readonly role: "owner" | "admin" | "member"
}

/** Somebody who is told things. */
export interface Person {
  readonly id: UserId
  readonly email: string
}

/**
 * Who runs the platform, at most 200. Read over the caller's connection, so that a transaction that tells them of
 * something needs no second one.
 */
export const administrators = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Person>`select id, email from auth."user"
    where role = 'admin' and banned is not true order by id limit 200`,
)

/** The owners of an organization, at most 200; read as `administrators` is. */
export const owners = (organization: OrganizationId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<Person>`select u.id, u.email from auth."user" u
      where u.banned is not true and exists (select from auth.member m
        where m."userId" = u.id and m."organizationId" = ${organization} and m.role = 'owner')
      order by u.id limit 200`,
  )

/** All members of an organization, at most 200; read as `administrators` is. */
export const members = (organization: OrganizationId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<Person>`select u.id, u.email from auth."user" u
      where u.banned is not true and exists (select from auth.member m
        where m."userId" = u.id and m."organizationId" = ${organization})
      order by u.id limit 200`,
  )

/**
 * The member of an organization with this address; where there is none, its owners and administrators, at most 200. Read
 * as `administrators` is.
 */
export const memberOrOwners = (organization: OrganizationId, email: string | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const members = sql<Person & { readonly role: string }>`select u.id, u.email, m.role
      from auth.member m join auth."user" u on u.id = m."userId"
      where m."organizationId" = ${organization} and u.banned is not true
        and (u.email = ${email} or m.role in ('owner', 'admin')) order by u.id limit 200`
    const found = yield* members
    const starter = found.filter((member) => member.email === email)
    return starter.length > 0 ? starter : found
  })

/** Sign-in, sessions and organizations. */
export class Auth extends Context.Service<
  Auth,
  {
    readonly betterAuth: BetterAuth
    readonly handler: ReturnType<typeof toNodeHandler>
    /** The organizations of a user, oldest first. */
    readonly memberships: (userId: string) => Effect.Effect<ReadonlyArray<Member>>
  }
>()("platform/auth/Auth") {
  static readonly layer = Layer.effect(
    Auth,
    Effect.gen(function* () {
      const config = yield* PlatformConfig
      const pool = yield* Effect.acquireRelease(
        Effect.sync(
          () =>
            new pg.Pool({
              connectionString: Redacted.value(config.databaseUrl),
              options: "-c search_path=auth",
              max: 5,
              connectionTimeoutMillis: 5_000,
            }),
        ),
        (pool) => Effect.promise(() => pool.end()),
      )
      // An idle connection that the server closes must not end the process.
      pool.on("error", () => {})
      const betterAuth = configure(config, pool)
      yield* Effect.promise(async () => {
        await pool.query("create schema if not exists auth")
        const { runMigrations } = await getMigrations(betterAuth.options)
        await runMigrations()
      })
      const memberships = (userId: string) =>
        Effect.promise(() =>
          pool.query<Member>(
            `select o.id, o.slug, o.name, m.role from member m join organization o on o.id = m."organizationId"
             where m."userId" = $1 order by o."createdAt", o.id`,
            [userId],
          ),
        ).pipe(Effect.map((result) => result.rows))
      return Auth.of({ betterAuth, handler: toNodeHandler(betterAuth), memberships })
    }),
  )
}
