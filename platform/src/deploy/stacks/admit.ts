import { InvalidInput } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { PartSettings, StackPart, StackSettings, StackTemplate } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { mergeSettings, partsOf, settingsIssues } from "../../domain/stacks/parts.ts"
import { admitEnvironment, admitResources, admitSource } from "../admission.ts"

/** `before`: how the service is set already; `part`: what follows of both, as far as the template has it. */
const admitPart = (
  organization: OrganizationId,
  given: PartSettings,
  before: PartSettings,
  part: StackPart | undefined,
) =>
  Effect.gen(function* () {
    if (given.resources !== undefined) yield* admitResources(given.resources)
    if (given.source === undefined) return given
    const { source, template } = yield* admitSource(organization, given.source, {
      environment: part?.environment ?? {},
      source: before.source ?? null,
    })
    const variables = { ...template?.variables, ...template?.secrets }
    if (Object.keys(variables).length === 0) return { ...given, source }
    // Given variables take the place of all that were set before, and those of options are beside either.
    const kept = given.environment === undefined ? before.environment : {}
    return { ...given, source, environment: { ...kept, ...variables, ...given.environment } }
  })

/**
 * Settings over those of before, field by field, that could be had by some worker, and whose sources are as the platform
 * knows them.
 */
export const admitSettings = (
  organization: OrganizationId,
  template: StackTemplate,
  before: StackSettings,
  given: StackSettings,
) =>
  Effect.gen(function* () {
    const parts = partsOf(template, mergeSettings(before, given))
    const admitted = yield* Effect.forEach(Object.entries(given), ([key, settings]) =>
      Effect.map(
        admitPart(
          organization,
          settings,
          before[key] ?? {},
          parts.find((one) => one.key === key),
        ),
        (part) => [key, part] as const,
      ),
    )
    return mergeSettings(before, Object.fromEntries(admitted))
  })

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
    for (const { key, environment } of parts)
      yield* admitEnvironment(environment, `services.${key}.environment`)
    return parts
  })
