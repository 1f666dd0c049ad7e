import type { BuildId, OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { versionsOf } from "../../store/TemplateVersions.ts"
import { type Asker, asOwner, forbidden, manages, namedTemplate, noVersion } from "./asker.ts"

/** The trial build of a version, in whichever organization it was asked for; null: there is none. */
export const trialOf = (asker: Asker, name: string, number: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const template = yield* namedTemplate(asker, name)
    if (!manages(asker, template.organization_id)) return yield* forbidden(template.organization_id)
    return yield* asOwner(
      template.organization_id,
      Effect.gen(function* () {
        const version = (yield* versionsOf(template.id)).find((version) => version.number === number)
        if (version === undefined) return yield* noVersion(name, number)
        const [build] = yield* sql<{
          id: BuildId
          organization_id: OrganizationId
          log_removed_at: Date | null
        }>`select id, organization_id, log_removed_at from build where template_version_id = ${version.id}`
        return build ?? null
      }),
    )
  })
