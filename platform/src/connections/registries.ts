import { InvalidInput, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { parseRegistry } from "@skypanel/contract/image/ImageReference"
import type { GiveRegistryCredential } from "@skypanel/contract/RegistryCredential"
import { registriesMost } from "@skypanel/contract/RegistryCredential"
import { Effect } from "effect"
import type { Member } from "../auth/Auth.ts"
import { PlatformConfig } from "../config.ts"
import { Sealing } from "../sealing/Sealing.ts"
import { liftLimit } from "../store/ImageChecks.ts"
import { listRegistries, putRegistry, removeRegistry, sealedForRegistry } from "../store/Registries.ts"
import { asTenant } from "../store/Tenant.ts"

export const registriesOf = ({ id }: Member) => asTenant(id, listRegistries(id))

export const giveRegistry = ({ id }: Member, user: string, given: GiveRegistryCredential) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const { allowPrivateGit: allowPrivate } = yield* PlatformConfig
    const registry = parseRegistry(given.registry, { allowPrivate })
    if (registry === null)
      return yield* new InvalidInput({
        message: `"${given.registry}" is no registry that can be used.`,
        next: "Write its host, and its port where it has one: ghcr.io, or docker.io for Docker Hub.",
        issues: [{ path: "registry", message: "write a public host, such as ghcr.io" }],
      })
    const { username, password } = given
    return yield* asTenant(
      id,
      Effect.gen(function* () {
        const others = (yield* listRegistries(id)).filter((one) => one.registry !== registry)
        if (others.length >= registriesMost)
          return yield* new NotPossibleNow({
            message: `An organization has at most ${registriesMost} credentials for registries.`,
            next: "Remove one that is not needed.",
          })
        const about = sealedForRegistry(id, registry)
        yield* putRegistry(id, { registry, username, createdBy: user }, sealing.seal(password, about))
        yield* liftLimit(id, registry)
        return yield* listRegistries(id)
      }),
    )
  })

export const forgetRegistry = ({ id }: Member, registry: string) =>
  asTenant(
    id,
    Effect.gen(function* () {
      if (!(yield* removeRegistry(id, registry)))
        return yield* new NotFound({
          message: `There is no credential for "${registry}".`,
          next: "Name a registry that the list shows.",
        })
      return yield* listRegistries(id)
    }),
  )
