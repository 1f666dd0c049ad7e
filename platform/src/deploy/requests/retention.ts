import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { asTenant } from "../../store/Tenant.ts"
import { lockUsable } from "./lockedService.ts"

/** How many releases are kept from the next collection on; null: as many as there is room for. */
export const setRetention = (organization: Member, name: string, releases: number | null) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockUsable(organization, name)
      yield* sql`update service set kept_releases = ${releases} where id = ${row.id}`
    }),
  )
