import { InvalidInput } from "@skypanel/contract/Errors"
import type { PreparedCredentialId } from "@skypanel/contract/Id"
import type { ServiceCredential } from "@skypanel/contract/PreparedCredential"
import { Effect } from "effect"
import { Sealing } from "../sealing/Sealing.ts"
import { insertHostKeys } from "../store/HostKeys.ts"
import { lockPrepared, removePrepared, sealedForPrepared } from "../store/PreparedCredentials.ts"
import { originOf, putCredential, sealedFor } from "../store/Repositories.ts"
import type { ServiceRow } from "../store/rows.ts"
import { anyName, tokenOverSsh } from "./credentials.ts"

type Owner = Pick<ServiceRow, "id" | "organization_id" | "source">

const refuse = (message: string, next: string) =>
  new InvalidInput({ message, next, issues: [{ path: "credential", message }] })

const noRepository = () =>
  refuse("A credential is for a Git repository.", "Leave it out, or give a Git repository as the source.")

const takeOver = (service: Owner, origin: string, id: PreparedCredentialId, user: string) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const row = yield* lockPrepared(service.organization_id, id)
    const about = sealedForPrepared(service.organization_id, id)
    const secret = row && sealing.open({ sealed: row.sealed, key: row.sealing_key }, about)
    if (row === null || secret === null)
      return yield* refuse(
        "The credential is not there any more.",
        "It is kept for a day, and until a service takes it over: give it again.",
      )
    if (row.origin !== origin)
      return yield* refuse(
        `The credential is for ${row.origin}, and the repository is on ${origin}.`,
        "Give one for the repository's own host.",
      )
    const { kind, username, public_key: publicKey } = row
    const credential = { kind, origin, username, publicKey, createdBy: user }
    yield* putCredential(service, credential, sealing.seal(secret, sealedFor(service, "credential")))
    yield* insertHostKeys(service, origin, row.host_keys)
    yield* removePrepared(row)
  })

/** Gives a service what it is made or changed with, in the caller's transaction. */
export const giveCredential = (service: Owner, credential: ServiceCredential | undefined, user: string) =>
  Effect.gen(function* () {
    if (credential === undefined) return
    const origin = originOf(service.source)
    if (origin === null) return yield* noRepository()
    if ("prepared" in credential) return yield* takeOver(service, origin, credential.prepared, user)
    if (origin.startsWith("ssh:")) return yield* tokenOverSsh()
    const sealing = yield* Sealing
    const { token, username = anyName } = credential
    const row = { kind: "token", origin, username, publicKey: null, createdBy: user } as const
    yield* putCredential(service, row, sealing.seal(token, sealedFor(service, "credential")))
  })
