import { Effect, Redacted } from "effect"
import { PlatformConfig } from "../config.ts"
import { Auth } from "./Auth.ts"

/**
 * Makes the first administrator and an organization for them, once. A later start changes neither, so that a changed
 * password stays.
 */
export const ensureAdministrator = Effect.gen(function* () {
  const config = yield* PlatformConfig
  const { betterAuth, memberships } = yield* Auth
  const context = yield* Effect.promise(() => betterAuth.$context)
  const email = config.administratorEmail.toLowerCase()
  const found = yield* Effect.promise(() => context.internalAdapter.findUserByEmail(email))
  const user =
    found?.user ??
    (yield* Effect.promise(async () => {
      const created = await betterAuth.api.createUser({
        body: {
          email,
          name: "Administrator",
          password: Redacted.value(config.administratorPassword),
          role: "admin",
        },
      })
      return created.user
    }))
  if ((yield* memberships(user.id)).length === 0)
    yield* Effect.promise(() =>
      betterAuth.api.createOrganization({
        body: { name: "Acme", slug: "acme", userId: user.id },
      }),
    )
  return user
})

/** A session for the command line on the same machine, so that development needs no second sign-in. */
export const issueLocalToken = (userId: string) =>
  Effect.gen(function* () {
    const { betterAuth } = yield* Auth
    return yield* Effect.promise(async () => {
      const context = await betterAuth.$context
      const session = await context.internalAdapter.createSession(userId)
      return session.token
    })
  })
