import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { WorkerRow } from "../../store/rows.ts"

export const noSuchWorker = (name: string) =>
  new NotFound({
    message: `There is no worker "${name}".`,
    next: "The list of workers shows which there are.",
  })

export const impossible = (message: string, next: string) =>
  Effect.fail(new NotPossibleNow({ message, next }))

/** The worker's row, locked until the transaction ends, so that requests for one worker go one by one. */
export const lockWorker = (name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] =
      yield* sql<WorkerRow>`select * from worker where name = ${name} and removed_at is null for update`
    if (row === undefined) return yield* noSuchWorker(name)
    return row
  })
