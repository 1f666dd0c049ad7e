import { Api } from "@skypanel/contract/Api"
import type { FleetChange } from "@skypanel/contract/api/FleetGroup"
import { Unavailable } from "@skypanel/contract/Errors"
import type { Fleet } from "@skypanel/contract/Fleet"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { viewCommonImages } from "../fleet/commonImages.ts"
import { FleetPolicies } from "../fleet/FleetPolicies.ts"
import { FleetWatch } from "../fleet/FleetWatch.ts"
import { Judge } from "../fleet/Judge.ts"
import { Measurements } from "../fleet/Measurements.ts"
import { startUpgrade, stopUpgrade } from "../fleet/upgrades.ts"
import { Installer } from "../install/Installer.ts"
import { latestUpgrade, outdatedWorkers } from "../store/AgentUpgrades.ts"
import { audit, listAudit } from "../store/Audit.ts"
import { Changes, type RowChange } from "../store/Changes.ts"
import { orUnavailable } from "../store/Database.ts"
import { saveFleetPolicy } from "../store/FleetPolicies.ts"
import { administrator } from "./administrator.ts"

/** The version of the agent that this platform brings. */
const bundled = Effect.flatMap(Installer, ({ agent }) => agent).pipe(
  Effect.catchTag("InstallError", (error) =>
    Effect.fail(new Unavailable({ message: error.message, next: "Look at the platform's own log." })),
  ),
)

const view = Effect.gen(function* () {
  const policies = yield* FleetPolicies
  const judge = yield* Judge
  const { version } = yield* bundled
  const brake = judge.brake()
  return {
    policy: policies.current(),
    brake: brake === null ? null : { silent: brake.silent, of: brake.of, since: brake.since.toISOString() },
    agentVersion: version,
    outdated: yield* outdatedWorkers(version),
    upgrade: yield* latestUpgrade,
    ...(yield* viewCommonImages),
  } satisfies Fleet
})

const upgradeView = Effect.flatMap(latestUpgrade, (upgrade) =>
  upgrade === null
    ? Effect.fail(new Unavailable({ message: "The upgrade cannot be shown.", next: "Try again." }))
    : Effect.succeed(upgrade),
)

const kinds: Readonly<Record<string, FleetChange["kind"]>> = {
  worker: "worker",
  build: "builds",
  placement: "worker",
  alert: "worker",
  installation: "installation",
  fleet_policy: "fleet",
  agent_upgrade: "fleet",
  agent_upgrade_worker: "fleet",
  artifact_run: "artifacts",
  artifact_pin: "artifacts",
  artifact_policy: "artifacts",
}

const resync: FleetChange = { kind: "resync", worker: null }

export const layerFleet = HttpApiBuilder.group(
  Api,
  "fleet",
  Effect.fn(function* (handlers) {
    const changes = yield* Changes
    const watch = yield* FleetWatch
    const measurements = yield* Measurements

    const toChange = ({ table, worker }: RowChange): FleetChange | null => {
      if (table === null) return resync
      const kind = kinds[table]
      if (kind === undefined) return null
      const name = watch.all().find(({ row }) => row.id === worker)?.row.name ?? null
      return { kind, worker: name }
    }

    const distinct = (batch: ReadonlyArray<FleetChange>) =>
      Array.from(new Map(batch.map((change) => [JSON.stringify(change), change])).values())

    const live = Stream.merge(
      changes.stream.pipe(
        Stream.map(toChange),
        Stream.filter((change) => change !== null),
      ),
      Stream.map(measurements.written, (): FleetChange => ({ kind: "measurements", worker: null })),
    ).pipe(
      Stream.groupedWithin(256, "200 millis"),
      Stream.flatMap((batch) => Stream.fromIterable(distinct(batch))),
    )

    return handlers.handleAll({
      get: () => Effect.andThen(administrator, view).pipe(orUnavailable),
      setPolicy: ({ payload }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          yield* saveFleetPolicy(payload, email)
          yield* audit({
            actor: email,
            action: "fleet.policy",
            text: "The fleet policy was changed.",
            detail: payload,
          })
          return { ...(yield* view), policy: payload }
        }).pipe(orUnavailable),
      upgrade: () =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          const { version, sha256 } = yield* bundled
          yield* startUpgrade({ version, sha256 }, email)
          return yield* upgradeView
        }).pipe(orUnavailable),
      stopUpgrade: () =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          yield* stopUpgrade(email)
          return yield* upgradeView
        }).pipe(orUnavailable),
      audit: () => Effect.andThen(administrator, listAudit(null)).pipe(orUnavailable),
      follow: () =>
        Effect.gen(function* () {
          yield* administrator
          return Stream.concat(Stream.succeed(resync), live)
        }),
    })
  }),
)
