import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import type { ServiceRow } from "../../store/rows.ts"

const notFound = (name: string) =>
  new NotFound({
    message: `There is no service "${name}".`,
    next: "The list of services shows which there are.",
  })

const findRow = (organization: Member, name: string, lock: boolean) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<ServiceRow>`select * from service
      where organization_id = ${organization.id} and name = ${name} ${lock ? sql`for update` : sql``}`
    if (row === undefined) return yield* notFound(name)
    return row
  })

export const readService = (organization: Member, name: string) => findRow(organization, name, false)

/** The service's row, locked until the transaction ends, so that requests for one service go one by one. */
export const lockService = (organization: Member, name: string) => findRow(organization, name, true)

/** As `lockService`, but a service that goes away takes no more orders. */
export const lockUsable = (organization: Member, name: string) =>
  Effect.flatMap(lockService(organization, name), (row) =>
    row.wish === "deleted"
      ? Effect.fail(
          new NotPossibleNow({
            message: `"${name}" is being deleted.`,
            next: "Create it again when it is gone.",
          }),
        )
      : Effect.succeed(row),
  )
