import { Api } from "@skypanel/contract/Api"
import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { by } from "./FakeRepositories.ts"
import { run } from "./streams.ts"

export const registriesHandlers = (platform: FakePlatform) => {
  const { images } = platform
  const without = (registry: string) => images.credentials.filter((one) => one.registry !== registry)
  const put = (credentials: ReadonlyArray<RegistryCredential>) => {
    images.credentials = credentials
    return credentials
  }
  return HttpApiBuilder.group(Api, "registries", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => run(platform, () => images.credentials),
        give: ({ payload: { registry, username } }) =>
          run(platform, () => put([...without(registry), { registry, username, ...by() }])),
        remove: ({ params }) => run(platform, () => put(without(params.registry))),
      }),
    ),
  )
}
