import type {
  Template,
  TemplateDefinition,
  TemplateHistory,
  TemplateVersion,
} from "@skypanel/contract/Template"
import { Effect } from "effect"
import { compareVersions } from "../../domain/templates/compareVersions.ts"
import {
  offeredVersions,
  ownerOf,
  progressOf,
  stateOfVersion,
  type TemplateVersionRow,
} from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { Templates } from "../../templates/Templates.ts"
import { type Asker, noVersion } from "./asker.ts"
import { historyNamed, manageableHistories } from "./history.ts"

const toVersion = (row: TemplateVersionRow<TemplateDefinition>): TemplateVersion => {
  const state = stateOfVersion(row)
  const trial = row.trials[0] ?? null
  return {
    number: row.number,
    state,
    progress: trial !== null && state === "validating" ? progressOf(trial) : null,
    failure: trial !== null && state === "failed" ? trial.failure : null,
    triedAt: trial === null ? null : new Date(trial.asked).toISOString(),
    definition: row.definition,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    publishedAt: row.published_at?.toISOString() ?? null,
  }
}

/** Everything that the organization can start from: its own, everyone's, and what comes with SkyPanel. */
export const listTemplates = (asker: Asker) =>
  Effect.gen(function* () {
    const shipped = yield* (yield* Templates).list
    const offered = yield* asTenant(asker.organization.id, offeredVersions(asker.organization.id, "service"))
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

export const manageableTemplates = (asker: Asker) => manageableHistories(asker, "service", toVersion)

export const templateHistory = (asker: Asker, name: string) =>
  Effect.map(historyNamed(asker, "service", name, toVersion), (history): TemplateHistory => history)

/** The two versions of a history, which may be any two. */
export const bothOf = <Version extends { readonly number: number }>(
  { name, versions }: { readonly name: string; readonly versions: ReadonlyArray<Version> },
  before: number,
  after: number,
  kind: "service" | "stack",
) =>
  Effect.forEach([before, after] as const, (number) => {
    const version = versions.find((version) => version.number === number)
    return version === undefined ? Effect.fail(noVersion(name, number, kind)) : Effect.succeed(version)
  })

export const compareTemplate = (asker: Asker, name: string, before: number, after: number) =>
  Effect.gen(function* () {
    const history = yield* templateHistory(asker, name)
    const [old, now] = yield* bothOf(history, before, after, "service")
    return compareVersions(old!, now!)
  })
