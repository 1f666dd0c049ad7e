import { InvalidInput, NotFound } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { PartSettings, StackPart, StackSettings, StackTemplate } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { partsOf, settingsIssues } from "../../domain/stacks/parts.ts"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import { admitResources, admitSource } from "../admission.ts"

export const findTemplate = (name: string) =>
  Effect.gen(function* () {
    const template = yield* (yield* StackTemplates).find(name)
    if (template === null)
      return yield* new NotFound({
        message: `There is no stack "${name}" in the library.`,
        next: "`skypanel stacks templates` shows which there are.",
      })
    return template
  })

const admitPart = (organization: OrganizationId, settings: PartSettings) =>
  Effect.gen(function* () {
    if (settings.resources !== undefined) yield* admitResources(settings.resources)
    if (settings.source === undefined) return settings
    const { environment = {} } = settings
    const { source, template } = yield* admitSource(organization, settings.source, {
      environment,
      source: null,
    })
    return {
      ...settings,
      source,
      ...(template !== null && { environment: { ...template.variables, ...environment } }),
    }
  })

/** Settings that could be had by some worker, and whose sources are as the platform knows them. */
export const admitSettings = (organization: OrganizationId, settings: StackSettings) =>
  Effect.map(
    Effect.forEach(Object.entries(settings), ([key, part]) =>
      Effect.map(admitPart(organization, part), (admitted) => [key, admitted] as const),
    ),
    (entries): StackSettings => Object.fromEntries(entries),
  )

/** The services that follow from template and settings; refuses what does not go together. */
export const admitParts = (template: StackTemplate, settings: StackSettings) =>
  Effect.gen(function* () {
    const parts: ReadonlyArray<StackPart> = partsOf(template, settings)
    const issues = settingsIssues(parts, settings)
    const [first] = issues
    if (first !== undefined)
      return yield* new InvalidInput({
        message: `${first.path}: ${first.message}.`,
        next: "Mend it, or leave it out.",
        issues,
      })
    return parts
  })
