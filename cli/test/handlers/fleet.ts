import { Api } from "@skypanel/contract/Api"
import type { FleetChange } from "@skypanel/contract/api/FleetGroup"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeFleet } from "../FakeFleet.ts"

const resyncs = Stream.tick("20 millis").pipe(
  Stream.map((): FleetChange => ({ kind: "resync", worker: null })),
)

export const fleetHandlers = (state: FakeFleet) => {
  const { allowed, fleet, upgrades } = state
  return HttpApiBuilder.group(Api, "fleet", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: () => Effect.as(allowed, fleet),
        setPolicy: ({ payload }) =>
          Effect.map(allowed, () => {
            fleet.policy = payload
            return fleet
          }),
        upgrade: () => Effect.andThen(allowed, () => upgrades.start(fleet, state.workers)),
        stopUpgrade: () => Effect.andThen(allowed, () => upgrades.stop(fleet)),
        audit: () => Effect.as(allowed, state.audit),
        follow: () => Effect.as(allowed, resyncs),
      }),
    ),
  )
}
