import type { PgClient } from "@effect/sql-pg"
import { defaultFleetPolicy, type FleetPolicy } from "@skypanel/contract/Fleet"
import { Context, Effect, Layer, Schedule, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import { Changes } from "../store/Changes.ts"
import { loadFleetPolicy } from "../store/FleetPolicies.ts"

/** The fleet policy as it is now, without a question to the database each time. */
export class FleetPolicies extends Context.Service<FleetPolicies, { readonly current: () => FleetPolicy }>()(
  "platform/fleet/FleetPolicies",
) {
  static readonly layer = Layer.effect(
    FleetPolicies,
    Effect.gen(function* () {
      const changes = yield* Changes
      const context = yield* Effect.context<SqlClient.SqlClient | PgClient.PgClient>()
      let policy = defaultFleetPolicy
      const load = loadFleetPolicy.pipe(
        Effect.flatMap((loaded) =>
          Effect.sync(() => {
            policy = loaded
          }),
        ),
        Effect.catch((error) => Effect.logWarning("cannot read the fleet policy", error)),
        Effect.provideContext(context),
      )
      yield* load
      yield* Stream.merge(
        changes.stream.pipe(Stream.filter(({ table }) => table === null || table === "fleet_policy")),
        Stream.fromSchedule(Schedule.spaced("30 seconds")),
      ).pipe(
        Stream.runForEach(() => load),
        Effect.forkScoped,
      )
      return { current: () => policy }
    }),
  )
}
