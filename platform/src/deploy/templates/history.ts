import { Effect } from "effect"
import {
  ownerOf,
  type TemplateKind,
  type TemplateRow,
  type TemplateVersionRow,
  versionsOf,
  visibleTemplates,
} from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { type Asker, asOwner, manages, namedTemplate, noTemplate } from "./asker.ts"

/** Drafts are for those who may change the template; others see what was published. */
const historyOf = <Definition, Version>(
  asker: Asker,
  template: TemplateRow,
  toVersion: (row: TemplateVersionRow<Definition>) => Version,
) =>
  Effect.gen(function* () {
    const manageable = manages(asker, template.organization_id)
    const versions = yield* manageable
      ? asOwner(template.organization_id, versionsOf<Definition>(template.id))
      : asTenant(asker.organization.id, versionsOf<Definition>(template.id))
    return {
      name: template.name,
      owner: ownerOf(template),
      removed: template.removed_at !== null,
      manageable,
      versions: versions.filter((row) => manageable || row.published_at !== null).map(toVersion),
    }
  })

/** Of every template that the asker may change. */
export const manageableHistories = <Definition, Version>(
  asker: Asker,
  kind: TemplateKind,
  toVersion: (row: TemplateVersionRow<Definition>) => Version,
) =>
  Effect.gen(function* () {
    const templates = yield* asTenant(asker.organization.id, visibleTemplates(asker.organization.id, kind))
    const managed = templates.filter(({ organization_id }) => manages(asker, organization_id))
    return yield* Effect.forEach(
      managed.filter(({ name }, at) => managed[at - 1]?.name !== name),
      (template) => historyOf(asker, template, toVersion),
    )
  })

export const historyNamed = <Definition, Version>(
  asker: Asker,
  kind: TemplateKind,
  name: string,
  toVersion: (row: TemplateVersionRow<Definition>) => Version,
) =>
  Effect.gen(function* () {
    const history = yield* historyOf(asker, yield* namedTemplate(asker, name, kind), toVersion)
    if (!history.manageable && history.versions.length === 0) return yield* noTemplate(name, kind)
    return history
  })
