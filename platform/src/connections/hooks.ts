import { randomBytes } from "node:crypto"
import { NotFound } from "@skypanel/contract/Errors"
import type { ChangeHook } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import type { Member } from "../auth/Auth.ts"
import { Sealing } from "../sealing/Sealing.ts"
import { deleteHook, listDeliveries, putHook, updateHook } from "../store/Hooks.ts"
import { sealedFor } from "../store/Repositories.ts"
import { changeConnection } from "./connection.ts"

/** The secret is in this answer and sealed in the database; nobody sees it again. */
export const makeHook = (organization: Member, user: string, name: string) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const secret = randomBytes(32).toString("base64url")
    const { repository } = yield* changeConnection(organization, name, ({ service }) =>
      putHook(
        service,
        randomBytes(24).toString("base64url"),
        sealing.seal(secret, sealedFor(service, "hook")),
        user,
      ),
    )
    return { repository, secret }
  })

export const changeHook = (organization: Member, name: string, change: ChangeHook) =>
  Effect.map(
    changeConnection(organization, name, ({ service }) =>
      Effect.flatMap(updateHook(service, change), (found) =>
        found
          ? Effect.void
          : Effect.fail(
              new NotFound({ message: `"${name}" has no webhook.`, next: "Make one for its repository." }),
            ),
      ),
    ),
    ({ repository }) => repository,
  )

export const removeHook = (organization: Member, name: string) =>
  Effect.map(
    changeConnection(organization, name, ({ service }) => deleteHook(service)),
    ({ repository }) => repository,
  )

export const deliveriesOf = (organization: Member, name: string) =>
  Effect.map(
    changeConnection(organization, name, ({ service }) => listDeliveries(service)),
    ({ value }) => value,
  )
