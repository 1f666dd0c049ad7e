import { Api } from "@skypanel/contract/Api"
import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { by } from "./FakeRepositories.ts"
import { run } from "./streams.ts"

export const registriesHandlers = (platform: FakePlatform) => {
  let given: ReadonlyArray<RegistryCredential> = []
  const without = (registry: string) => given.filter((one) => one.registry !== registry)
  return HttpApiBuilder.group(Api, "registries", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => run(platform, () => given),
        give: ({ payload: { registry, username } }) =>
          run(platform, () => {
            given = [...without(registry), { registry, username, ...by() }]
            return given
          }),
        remove: ({ params }) =>
          run(platform, () => {
            given = without(params.registry)
            return given
          }),
      }),
    ),
  )
}
