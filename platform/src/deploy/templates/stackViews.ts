import type { StackTemplate } from "@skypanel/contract/Stack"
import type { StackDefinition, StackTrial, StackVersion } from "@skypanel/contract/StackTemplate"
import { Effect } from "effect"
import { compareStacks } from "../../domain/templates/compareStacks.ts"
import {
  offeredVersions,
  ownerOf,
  progressOf,
  stateOfVersion,
  type TemplateVersionRow,
  type TrialRow,
} from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import type { Asker } from "./asker.ts"
import { historyNamed, manageableHistories } from "./history.ts"
import { bothOf } from "./views.ts"

const toTrial = (row: TrialRow): StackTrial => ({
  key: row.part ?? "",
  progress: progressOf(row),
  failure: row.failure,
  triedAt: new Date(row.asked).toISOString(),
})

const toVersion = (row: TemplateVersionRow<StackDefinition>): StackVersion => ({
  number: row.number,
  state: stateOfVersion(row),
  trials: row.trials.map(toTrial),
  definition: row.definition,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  publishedAt: row.published_at?.toISOString() ?? null,
})

/** Every stack that the organization can make: its own, everyone's, and what comes with SkyPanel. */
export const listStackTemplates = (asker: Asker) =>
  Effect.gen(function* () {
    const shipped = yield* (yield* StackTemplates).list
    const { id } = asker.organization
    const offered = yield* asTenant(id, offeredVersions<StackDefinition>(id, "stack"))
    return [
      ...offered.map(
        ({ template, version }): StackTemplate => ({
          ...version.definition,
          name: template.name,
          owner: ownerOf(template),
          version: String(version.number),
        }),
      ),
      ...shipped,
    ]
  })

export const manageableStacks = (asker: Asker) => manageableHistories(asker, "stack", toVersion)

export const stackHistory = (asker: Asker, name: string) => historyNamed(asker, "stack", name, toVersion)

export const compareStackVersions = (asker: Asker, name: string, before: number, after: number) =>
  Effect.gen(function* () {
    const [old, now] = yield* bothOf(yield* stackHistory(asker, name), before, after, "stack")
    return compareStacks(old!, now!)
  })
