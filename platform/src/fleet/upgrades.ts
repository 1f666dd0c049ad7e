import type { PgClient } from "@effect/sql-pg"
import type { DesiredAgent } from "@skypanel/contract/AgentProtocol"
import { NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Notifications } from "../notify/Notifications.ts"
import {
  finishUpgrade,
  insertUpgrade,
  outdatedWorkers,
  runningUpgrade,
  setDesiredAgent,
  setUpgradeStep,
  type UpgradeRow,
  type UpgradeWorkerRow,
  upgradeWorkers,
} from "../store/AgentUpgrades.ts"
import { audit } from "../store/Audit.ts"
import { FleetWatch, type Watched } from "./FleetWatch.ts"

/** How long an agent may take to be back with the new version. Its launcher gives a version up earlier than that. */
const backWithinSeconds = 180
/** And then to be back with the version before. */
const revertedWithinSeconds = 240

/** Brings every agent to this version, one worker after the other. */
export const startUpgrade = ({ version, sha256 }: DesiredAgent, actor: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    if ((yield* outdatedWorkers(version)).length === 0)
      return yield* new NotPossibleNow({
        message: `Every agent that this platform brings is at ${version} already.`,
        next: "Nothing has to be done.",
      })
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* insertUpgrade(version, sha256, actor)
        yield* audit({ actor, action: "upgrade.started", text: `The agents are upgraded to ${version}.` })
      }),
    )
  }).pipe(
    Effect.catchReason("SqlError", "UniqueViolation", () =>
      Effect.fail(
        new NotPossibleNow({
          message: "An upgrade is under way already.",
          next: "Wait for its end, or stop it.",
        }),
      ),
    ),
  )

const end = (upgrade: UpgradeRow, state: "done" | "failed" | "stopped", reason: string, actor?: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    const title =
      state === "done"
        ? `The agents were upgraded to ${upgrade.version}`
        : `The upgrade of the agents to ${upgrade.version} ${state === "failed" ? "failed" : "was stopped"}`
    const tone = state === "done" ? "good" : state === "failed" ? "bad" : "info"
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* finishUpgrade(upgrade.id, state, reason)
        yield* audit({
          ...(actor === undefined ? {} : { actor }),
          action: `upgrade.${state}`,
          tone,
          text: `${title}. ${reason}`.trim(),
        })
        if (state !== "stopped")
          yield* notifications.tell({ kind: "upgrade", tone, title, body: reason, workerId: null })
      }),
    )
  })

/** The worker that is being upgraded now finishes; no other one begins. */
export const stopUpgrade = (actor: string) =>
  Effect.gen(function* () {
    const upgrade = yield* runningUpgrade
    if (upgrade === null)
      return yield* new NotPossibleNow({
        message: "No upgrade is under way.",
        next: "Nothing has to be stopped.",
      })
    yield* end(upgrade, "stopped", `By ${actor}.`, actor)
  })

const skipReason = (of: Watched | undefined): string | null => {
  if (of === undefined) return "it was removed"
  if (of.hello === null || !of.connected || of.row.silent_since !== null) return "it is not connected"
  if (of.hello.origin === "nixos") return "its NixOS configuration decides which version runs"
  return of.hello.origin === "development" ? "it runs from its sources" : null
}

const begin = (upgrade: UpgradeRow, { worker_id }: UpgradeWorkerRow, of: Watched | undefined) =>
  Effect.gen(function* () {
    const reason = skipReason(of)
    if (reason !== null) return yield* setUpgradeStep(upgrade.id, worker_id, "skipped", reason)
    if (of?.hello?.versions.agent === upgrade.version)
      return yield* setUpgradeStep(upgrade.id, worker_id, "done", "it ran it already")
    yield* setDesiredAgent(worker_id, upgrade.version, upgrade.sha256)
    yield* setUpgradeStep(upgrade.id, worker_id, "upgrading", "")
  })

/** It did not come back with the new version: it goes back to the one before, and the roll ends with it. */
const giveUp = (upgrade: UpgradeRow, worker: UpgradeWorkerRow, of: Watched | undefined) =>
  Effect.gen(function* () {
    const isBack = of?.connected === true && of.hello?.versions.agent === worker.from_version
    const late = (worker.seconds ?? 0) > revertedWithinSeconds
    if (!isBack && !late) return yield* setDesiredAgent(worker.worker_id, null, null)
    yield* setDesiredAgent(worker.worker_id, null, null)
    const detail = isBack ? `it runs ${worker.from_version} again` : "it has not come back"
    yield* setUpgradeStep(upgrade.id, worker.worker_id, isBack ? "reverted" : "failed", detail)
    yield* end(
      upgrade,
      "failed",
      `${worker.name} did not report back with the new version within ${backWithinSeconds} seconds; ${detail}. The others were left as they are.`,
    )
  })

const watchOne = (upgrade: UpgradeRow, worker: UpgradeWorkerRow, of: Watched | undefined) => {
  if (of?.connected === true && of.hello?.versions.agent === upgrade.version)
    return setUpgradeStep(upgrade.id, worker.worker_id, "done", "").pipe(
      Effect.andThen(setDesiredAgent(worker.worker_id, null, null)),
    )
  return (worker.seconds ?? 0) > backWithinSeconds ? giveUp(upgrade, worker, of) : Effect.void
}

const step = Effect.gen(function* () {
  const watch = yield* FleetWatch
  const upgrade = yield* runningUpgrade
  if (upgrade === null) return
  const workers = yield* upgradeWorkers(upgrade.id)
  const now = workers.find(({ state }) => state === "upgrading")
  if (now !== undefined) return yield* watchOne(upgrade, now, watch.get(now.worker_id))
  const next = workers.find(({ state }) => state === "waiting")
  if (next !== undefined) return yield* begin(upgrade, next, watch.get(next.worker_id))
  yield* end(upgrade, "done", "")
})

/** Carries an upgrade on by one step a second; where it is, is in the tables, so a restart goes on with it. */
export const runUpgrades: Effect.Effect<
  void,
  never,
  SqlClient.SqlClient | PgClient.PgClient | Notifications | FleetWatch
> = step.pipe(
  Effect.catchCause((cause) => Effect.logWarning("cannot carry on the upgrade", cause)),
  Effect.repeat(Schedule.spaced("1 second")),
  Effect.asVoid,
)
