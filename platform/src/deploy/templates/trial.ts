import type { BuildId, OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type TemplateKind, versionsOf } from "../../store/TemplateVersions.ts"
import { type Asker, asOwner, forbidden, manages, namedTemplate, noVersion } from "./asker.ts"

export interface TrialName {
  readonly kind: TemplateKind
  readonly name: string
  readonly number: number
  /** The service, of a stack. */
  readonly part: string | null
}

/** The trial build of a version, in whichever organization it was asked for; null: there is none. */
export const trialOf = (asker: Asker, { kind, name, number, part }: TrialName) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const template = yield* namedTemplate(asker, name, kind)
    if (!manages(asker, template.organization_id)) return yield* forbidden(template.organization_id, kind)
    return yield* asOwner(
      template.organization_id,
      Effect.gen(function* () {
        const version = (yield* versionsOf(template.id)).find((version) => version.number === number)
        if (version === undefined) return yield* noVersion(name, number, kind)
        const [build] = yield* sql<{
          id: BuildId
          organization_id: OrganizationId
          log_removed_at: Date | null
        }>`select id, organization_id, log_removed_at from build where template_version_id = ${version.id} and part is not distinct from ${part}`
        return build ?? null
      }),
    )
  })
