import { Unauthorized } from "@skypanel/contract/Errors"
import type { UserId } from "@skypanel/contract/Id"
import { Authorization, CurrentUser } from "@skypanel/contract/Session"
import { Effect, Layer } from "effect"
import { HttpServerRequest } from "effect/http"
import { Auth } from "../auth/Auth.ts"

const refused = new Unauthorized({
  message: "You are not signed in.",
  next: "Sign in, or give a valid token.",
})

/** Who asks, by the session cookie or the bearer token among a request's headers. */
export const signedInUser = (given: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>) =>
  Effect.gen(function* () {
    const { betterAuth } = yield* Auth
    const headers = new Headers()
    for (const name of ["cookie", "authorization"]) {
      const value = given[name]
      if (typeof value === "string") headers.set(name, value)
    }
    const session = yield* Effect.tryPromise({
      try: () => betterAuth.api.getSession({ headers }),
      catch: () => refused,
    })
    if (session === null) return yield* refused
    return CurrentUser.of({
      id: session.user.id as UserId,
      email: session.user.email,
      name: session.user.name,
      administrator: session.user.role === "admin",
    })
  })

/** Both schemes ask better-auth, which reads cookie and bearer token from the request's own headers. */
export const layerAuthorization = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const auth = yield* Auth
    const scheme = <A, E, R>(httpEffect: Effect.Effect<A, E, R>) =>
      Effect.gen(function* () {
        const { headers } = yield* HttpServerRequest.HttpServerRequest
        const user = yield* Effect.provideService(signedInUser(headers), Auth, auth)
        return yield* Effect.provideService(httpEffect, CurrentUser, user)
      })
    return Authorization.of({ cookie: scheme, bearer: scheme } as never)
  }),
)
