import type { Template, TemplateHistory, TemplateVersion } from "@skypanel/contract/Template"
import { Effect } from "effect"
import { compareVersions } from "../../domain/templates/compareVersions.ts"
import {
  offeredVersions,
  ownerOf,
  stateOfVersion,
  type TemplateRow,
  type TemplateVersionRow,
  versionsOf,
  visibleTemplates,
} from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { Templates } from "../../templates/Templates.ts"
import { type Asker, asOwner, manages, namedTemplate, noTemplate, noVersion } from "./asker.ts"

const toVersion = (row: TemplateVersionRow): TemplateVersion => {
  const state = stateOfVersion(row)
  const waits = row.phase === "waiting" ? (row.queue_reason ?? "waiting for a builder") : row.phase
  return {
    number: row.number,
    state,
    progress: state === "validating" ? waits : null,
    failure: state === "failed" ? row.failure : null,
    definition: row.definition,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    publishedAt: row.published_at?.toISOString() ?? null,
  }
}

/** Drafts are for those who may change the template; others see what was published. */
const historyOf = (asker: Asker, template: TemplateRow) =>
  Effect.gen(function* () {
    const manageable = manages(asker, template.organization_id)
    const versions = yield* manageable
      ? asOwner(template.organization_id, versionsOf(template.id))
      : asTenant(asker.organization.id, versionsOf(template.id))
    return {
      name: template.name,
      owner: ownerOf(template),
      removed: template.removed_at !== null,
      manageable,
      versions: versions.filter((row) => manageable || row.published_at !== null).map(toVersion),
    } satisfies TemplateHistory
  })

/** Everything that the organization can start from: its own, everyone's, and what comes with SkyPanel. */
export const listTemplates = (asker: Asker) =>
  Effect.gen(function* () {
    const shipped = yield* (yield* Templates).list
    const offered = yield* asTenant(asker.organization.id, offeredVersions(asker.organization.id))
    return [
      ...offered.map(
        ({ template, version }): Template => ({
          ...version.definition,
          name: template.name,
          owner: ownerOf(template),
          version: String(version.number),
        }),
      ),
      ...shipped,
    ]
  })

export const manageableTemplates = (asker: Asker) =>
  Effect.gen(function* () {
    const templates = yield* asTenant(asker.organization.id, visibleTemplates(asker.organization.id))
    const managed = templates.filter(({ organization_id }) => manages(asker, organization_id))
    return yield* Effect.forEach(
      managed.filter(({ name }, at) => managed[at - 1]?.name !== name),
      (template) => historyOf(asker, template),
    )
  })

export const templateHistory = (asker: Asker, name: string) =>
  Effect.gen(function* () {
    const history = yield* historyOf(asker, yield* namedTemplate(asker, name))
    if (!history.manageable && history.versions.length === 0) return yield* noTemplate(name)
    return history
  })

export const compareTemplate = (asker: Asker, name: string, before: number, after: number) =>
  Effect.gen(function* () {
    const { versions } = yield* templateHistory(asker, name)
    const [old, now] = [before, after].map((number) => versions.find((version) => version.number === number))
    if (old === undefined) return yield* noVersion(name, before)
    if (now === undefined) return yield* noVersion(name, after)
    return compareVersions(old, now)
  })
