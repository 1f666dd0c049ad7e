import { GiveRegistryCredential, type RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

type Registries = Promise<readonly RegistryCredential[]>

export const readRegistries = (organization: string, signal?: AbortSignal): Registries =>
  call(client.registries.list({ params: { organization } }), signal)

/** In place of the one for the same registry. */
export const giveRegistry = async (organization: string, given: GiveRegistryCredential): Registries => {
  const payload = checked(GiveRegistryCredential, given)
  return call(client.registries.give({ params: { organization }, payload }))
}

export const removeRegistry = (organization: string, registry: string): Registries =>
  call(client.registries.remove({ params: { organization, registry } }))
