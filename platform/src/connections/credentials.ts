import { InvalidInput, NotPossibleNow } from "@skypanel/contract/Errors"
import type { GiveToken } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import type { Member } from "../auth/Auth.ts"
import { newDeployKey } from "../domain/git/deployKey.ts"
import { Sealing } from "../sealing/Sealing.ts"
import { putCredential, removeCredential, removeHostKeys, sealedFor } from "../store/Repositories.ts"
import { type Connected, changeConnection } from "./connection.ts"

/** Hosts of Git take any name beside a token; those that do not say which. */
export const anyName = "git"

export const tokenOverSsh = () =>
  new InvalidInput({
    message: "An access token is for https, and this repository is fetched over ssh.",
    next: "Make a deploy key, or change the source to the repository's https:// URL.",
    issues: [{ path: "token", message: "the repository is fetched over ssh" }],
  })

const keyOverHttp = (protocol: string) =>
  new NotPossibleNow({
    message: `A deploy key is for ssh, and this repository is fetched over ${protocol}.`,
    next: "Give an access token, or change the source to the repository's ssh:// URL.",
  })

export const giveToken = (organization: Member, user: string, name: string, given: GiveToken) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const give = Effect.fnUntraced(function* ({ service, url }: Connected) {
      if (url.protocol === "ssh") return yield* tokenOverSsh()
      const credential = {
        kind: "token",
        origin: url.origin,
        username: given.username ?? anyName,
        publicKey: null,
        createdBy: user,
      } as const
      yield* putCredential(service, credential, sealing.seal(given.token, sealedFor(service, "credential")))
    })
    return (yield* changeConnection(organization, name, give)).repository
  })

export const makeDeployKey = (organization: Member, user: string, name: string) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const make = Effect.fnUntraced(function* ({ service, url }: Connected) {
      if (url.protocol !== "ssh") return yield* keyOverHttp(url.protocol)
      const { publicKey, privateKey } = newDeployKey(`skypanel-${organization.slug}-${service.name}`)
      const credential = {
        kind: "deploy-key",
        origin: url.origin,
        username: null,
        publicKey,
        createdBy: user,
      } as const
      yield* putCredential(service, credential, sealing.seal(privateKey, sealedFor(service, "credential")))
    })
    return (yield* changeConnection(organization, name, make)).repository
  })

export const forgetCredential = (organization: Member, name: string) =>
  Effect.map(
    changeConnection(organization, name, ({ service }) => removeCredential(service)),
    ({ repository }) => repository,
  )

export const forgetHostKeys = (organization: Member, name: string) =>
  Effect.map(
    changeConnection(organization, name, ({ service }) => removeHostKeys(service)),
    ({ repository }) => repository,
  )
