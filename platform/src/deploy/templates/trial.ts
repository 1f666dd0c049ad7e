import type { BuildId, OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { isThere, type TemplateKind } from "../../store/TemplateVersions.ts"
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
        const [found] = yield* sql<{
          id: BuildId | null
          organization_id: OrganizationId
          log_removed_at: Date | null
        }>`select b.id, b.organization_id, b.log_removed_at from template_version v
          left join build b on b.template_version_id = v.id and b.part is not distinct from ${part}
          where v.template_id = ${template.id} and v.number = ${number}::bigint and ${isThere(sql)}`
        if (found === undefined) return yield* noVersion(name, number, kind)
        const { id, ...build } = found
        return id === null ? null : { id, ...build }
      }),
    )
  })
