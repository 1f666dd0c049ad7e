import { NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { cancelUnfinished } from "../../store/Deployments.ts"
import type { ServiceRow } from "../../store/rows.ts"
import { asTenant } from "../../store/Tenant.ts"
import { lockService, lockUsable } from "./lockedService.ts"

export const stopService = (organization: Member, name: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockUsable(organization, name)
      yield* sql`update service set wish = 'stopped', live_deployment_id = null where id = ${row.id}`
      yield* cancelUnfinished(organization.id, row.id, "The service was stopped.")
    }),
  )

/** It and what it has go, soon, in the caller's transaction, which holds its row lock. */
export const removeService = (row: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`update service set wish = 'deleted', live_deployment_id = null where id = ${row.id}`
    yield* cancelUnfinished(row.organization_id, row.id, "The service was deleted.")
  })

export const deleteService = (organization: Member, name: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const row = yield* lockService(organization, name)
      if (row.stack_id !== null)
        return yield* new NotPossibleNow({
          message: `"${name}" is part of a stack, whose other services may need it.`,
          next: "Delete the stack, which can keep what is in volumes.",
        })
      yield* removeService(row)
    }),
  )

export const cancelDeployment = (organization: Member, user: string, name: string, number: number) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockService(organization, name)
      const canceled = yield* sql<{
        id: string
      }>`update deployment set cancel_reason = ${`Canceled by ${user}.`}
        where service_id = ${row.id} and number = ${number} and finished_at is null returning id`
      if (canceled.length === 0)
        return yield* new NotPossibleNow({
          message: `Deployment ${number} of "${name}" is not under way.`,
          next: "Only one that is under way can be canceled.",
        })
    }),
  )
