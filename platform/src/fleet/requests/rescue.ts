import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { audit } from "../../store/Audit.ts"
import { Judge } from "../Judge.ts"
import { impossible, lockWorker } from "./lockedWorker.ts"

/** Starts elsewhere what runs on a worker that is lost, whatever the fleet policy says. */
export const moveServices = (name: string, force: boolean, actor: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const judge = yield* Judge
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const row = yield* lockWorker(name)
        if (row.silent_since === null)
          return yield* impossible(`"${name}" answers.`, "Drain it to move its services away.")
        const brake = judge.brake()
        if (brake !== null && !force)
          return yield* impossible(
            `${brake.silent} of ${brake.of} workers are silent: that is more likely the network than the workers.`,
            "Look at the network and at this platform first; say so if its services shall be moved all the same.",
          )
        yield* sql`update worker set move_services = true where id = ${row.id}`
        yield* audit({
          actor,
          action: "worker.move-services",
          text: `The services of ${name} are started elsewhere.`,
          worker: row.id,
        })
      }),
    )
  })

/** Ends its quarantine. */
export const readmitWorker = (name: string, actor: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const row = yield* lockWorker(name)
        if (row.quarantined_until === null || row.quarantined_until.getTime() < Date.now())
          return yield* impossible(`"${name}" is not kept out.`, "Nothing has to be undone.")
        yield* sql`update worker set quarantined_until = null where id = ${row.id}`
        yield* audit({
          actor,
          action: "worker.readmitted",
          tone: "good",
          text: `${name} is let in again.`,
          worker: row.id,
        })
      }),
    )
  })
