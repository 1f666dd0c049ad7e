import type { WorkerId, WorkerKeyId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newWorkerKeyId } from "../domain/id.ts"
import type { WorkerRow } from "./rows.ts"

/** A key that is not used for so long is of no use any more. */
const keyDays = 30

export interface WorkerKey {
  readonly id: WorkerKeyId
  readonly public_key: string
  readonly created_at: Date
  readonly used_at: Date | null
  readonly expired: boolean
  readonly revoked_at: Date | null
}

/** A worker's key with its worker; null when there is no such pair. */
export const findWorkerKey = (workerId: WorkerId, keyId: WorkerKeyId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [key, worker] = yield* Effect.all(
      [
        sql<WorkerKey>`select id, public_key, created_at, used_at, revoked_at,
          expires_at < now() as expired from worker_key where id = ${keyId} and worker_id = ${workerId}`,
        sql<WorkerRow>`select * from worker where id = ${workerId}`,
      ],
      { concurrency: 2 },
    )
    return key[0] === undefined || worker[0] === undefined ? null : { key: key[0], worker: worker[0] }
  })

/** One that waits for its first use; others that do are forgotten. */
export const addWorkerKey = (workerId: WorkerId, publicKey: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const id = newWorkerKeyId()
    yield* sql`delete from worker_key where worker_id = ${workerId} and used_at is null and revoked_at is null`
    yield* sql`insert into worker_key (id, worker_id, public_key, expires_at)
      values (${id}, ${workerId}, ${publicKey}, now() + make_interval(days => ${keyDays}))`
    return id
  })

/** Its use prolongs it. The first use of a new key ends the ones before it: until then they are a way back. */
export const useWorkerKey = (workerId: WorkerId, keyId: WorkerKeyId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      with used as (
        update worker_key set used_at = now(), expires_at = now() + make_interval(days => ${keyDays})
        where id = ${keyId} returning created_at
      )
      update worker_key older set revoked_at = now() from used
      where older.worker_id = ${workerId} and older.revoked_at is null and older.created_at < used.created_at`
  })

export const revokeWorkerKeys = (workerId: WorkerId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update worker_key set revoked_at = now() where worker_id = ${workerId} and revoked_at is null`,
  )
