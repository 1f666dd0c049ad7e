import { PgClient } from "@effect/sql-pg"
import type { StackPart } from "@skypanel/contract/Stack"
import { hasReferences } from "@skypanel/contract/StackReferences"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { cancelUnfinished } from "../../store/Deployments.ts"
import type { ServiceRow } from "../../store/rows.ts"
import { lockStackServices, newestRevision, type StackRow } from "../../store/Stacks.ts"
import { removeService } from "../requests/end.ts"

/**
 * It stays with its volume, stopped, as a service of its own; the stack's secrets go, and with them what refers to them.
 * What it was called in the stack stays too: an old release that refers to a secret is not started with the reference.
 */
const setFree = (row: ServiceRow, reason: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const environment = Object.fromEntries(
      Object.entries(row.environment).filter(([, value]) => !hasReferences(value)),
    )
    yield* sql`update service set wish = 'stopped', live_deployment_id = null, stack_id = null,
      environment = ${pg.json(environment)} where id = ${row.id}`
    yield* cancelUnfinished(row.organization_id, row.id, reason)
  })

/** Those that a stack of these parts has no more: a newer template dropped them, or it went back to before they came. */
export const droppedFrom = (services: ReadonlyArray<ServiceRow>, parts: ReadonlyArray<StackPart>) =>
  services.filter(({ wish, stack_key }) => wish !== "deleted" && !parts.some(({ key }) => key === stack_key))

/** They go, now that nothing of the stack needs them; what has a volume stays with it, since nobody said otherwise. */
export const removeDropped = (stack: StackRow, parts: ReadonlyArray<StackPart>) =>
  Effect.gen(function* () {
    const services = yield* lockStackServices(stack.organization_id, stack.id)
    for (const row of droppedFrom(services, parts))
      yield* row.volume === null ? removeService(row) : setFree(row, "Its stack does not have it any more.")
  })

/**
 * One look at a stack that goes away, in a transaction that holds its row: services go once nothing of those that need
 * them is left, and the stack with the last one.
 */
export const remove = (stack: StackRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const services = yield* lockStackServices(stack.organization_id, stack.id)
    if (services.length === 0) return yield* sql`delete from stack where id = ${stack.id}`
    const { parts } = yield* newestRevision(stack.organization_id, stack.id)
    const needed = new Set(
      parts.flatMap(({ key, needs }) => (services.some(({ stack_key }) => stack_key === key) ? needs : [])),
    )
    for (const row of services) {
      if (row.wish === "deleted" || needed.has(row.stack_key ?? "")) continue
      yield* stack.keeps_volumes && row.volume !== null
        ? setFree(row, "The stack was deleted.")
        : removeService(row)
    }
  })
