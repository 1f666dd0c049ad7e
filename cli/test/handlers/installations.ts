import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeFleet } from "../FakeFleet.ts"

export const installationsHandlers = (fleet: FakeFleet) => {
  const find = ({ installation }: { readonly installation: string }) =>
    Effect.andThen(fleet.allowed, fleet.installation(installation))
  return HttpApiBuilder.group(Api, "installations", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.as(fleet.allowed, fleet.installations),
        create: ({ payload }) =>
          Effect.andThen(fleet.allowed, () => {
            fleet.requests.push(`install ${JSON.stringify(payload)}`)
            return fleet.install(payload)
          }),
        replace: ({ params }) =>
          Effect.andThen(fleet.allowed, () =>
            Effect.flatMap(fleet.find(params.worker), (worker) => fleet.replace(worker)),
          ),
        get: ({ params }) => find(params),
        revoke: ({ params }) => Effect.flatMap(find(params), (found) => fleet.revoke(found)),
      }),
    ),
  )
}
