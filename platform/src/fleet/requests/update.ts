import { PgClient } from "@effect/sql-pg"
import type { UpdateWorker } from "@skypanel/contract/api/WorkersGroup"
import { NameTaken } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { audit } from "../../store/Audit.ts"
import { holderOfName } from "../../store/Installations.ts"
import { lockWorker } from "./lockedWorker.ts"

const taken = (name: string) =>
  new NameTaken({ message: `The name "${name}" is taken.`, next: "Choose another name." })

/** Changes what is given; gives the name that it has then. */
export const updateWorker = (name: string, change: UpdateWorker, actor: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const row = yield* lockWorker(name)
        const next = change.name ?? name
        if (next !== name && (yield* holderOfName(next)) !== null) return yield* taken(next)
        const labels = change.labels ?? row.labels
        const region = change.region === undefined ? row.region : change.region
        yield* sql`update worker set name = ${next}, labels = ${pg.json(labels)}, region = ${region}
          where id = ${row.id}`
        yield* audit({
          actor,
          action: "worker.changed",
          text:
            next === name ? `Labels or region of ${name} were changed.` : `${name} is called ${next} now.`,
          worker: row.id,
          detail: change,
        })
        return next
      }),
    )
  }).pipe(Effect.catchReason("SqlError", "UniqueViolation", () => Effect.fail(taken(change.name ?? name))))
