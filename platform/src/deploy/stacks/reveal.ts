import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { secretSealedFor } from "../../domain/stacks/secret.ts"
import { Sealing } from "../../sealing/Sealing.ts"
import { stackSecrets } from "../../store/StackSecrets.ts"
import { lockStack } from "../../store/Stacks.ts"
import { asTenant } from "../../store/Tenant.ts"
import { noStack } from "./template.ts"

export const noSecret = (stack: string, secret: string) =>
  new NotFound({ message: `"${stack}" has no secret "${secret}".`, next: "The stack shows which it has." })

/** The secret's value, and a note of who was shown it. */
export const revealSecret = (organization: Member, user: string, name: string, secret: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const sealing = yield* Sealing
      const stack = yield* lockStack(organization.id, name)
      if (stack === null) return yield* noStack(name)
      const kept = (yield* stackSecrets(organization.id, stack.id)).current.get(secret)
      if (kept === undefined) return yield* noSecret(name, secret)
      const about = secretSealedFor(organization.id, stack.id, secret, kept.version)
      const value = sealing.open(kept.sealed, about)
      if (value === null)
        return yield* new NotPossibleNow({
          message: "The platform does not have the key any more that this secret was sealed with.",
          next: "Tell an administrator: the key file of a backup opens it.",
        })
      yield* sql`update stack_secret set shown_at = now(), shown_to = ${user}
        where organization_id = ${organization.id} and stack_id = ${stack.id} and name = ${secret}`
      return { name: secret, value }
    }),
  )
