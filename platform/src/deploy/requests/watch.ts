import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { asTenant } from "../../store/Tenant.ts"
import { lockUsable } from "./lockedService.ts"

/** For how long new releases are looked after. One that is looked after now is not any more when that is 0. */
export const setWatch = (organization: Member, name: string, seconds: number) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockUsable(organization, name)
      yield* sql`update service set watch_seconds = ${seconds} where id = ${row.id}`
      if (seconds === 0) yield* sql`delete from release_watch where service_id = ${row.id}`
    }),
  )
