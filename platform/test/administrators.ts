import type { UserId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { Auth } from "../src/auth/Auth.ts"

export interface TestUser {
  readonly id: UserId
  readonly email: string
}

/** Makes a user as an administrator would; gives their id. */
export const addUser = (name: string, role: "admin" | "user") =>
  Effect.gen(function* () {
    const { betterAuth } = yield* Auth
    const email = `${name}@example.com`
    const { user } = yield* Effect.promise(() =>
      betterAuth.api.createUser({ body: { email, name, password: "a long test password", role } }),
    )
    return { id: user.id as UserId, email } satisfies TestUser
  })
