import { InvalidInput } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { PartSettings, StackPart, StackSettings, StackTemplate } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { mergeSettings, partsOf, settingsIssues } from "../../domain/stacks/parts.ts"
import { admitEnvironment, admitResources, admitSource } from "../admission.ts"
import { presentIn, withoutSecrets } from "../secretVariables.ts"
import type { GivenSecrets } from "./givenSecrets.ts"

/** Of a service: what is set of it, and values of its secret variables. */
interface AdmittedPart {
  readonly settings: PartSettings
  readonly secrets: Readonly<Record<string, string>>
}

const givenTwice = (key: string, name: string) => {
  const path = `services.${key}.environment.${name}`
  const message = "a secret option of the template sets it, and it would be in clear besides"
  return new InvalidInput({
    message: `${path}: ${message}.`,
    next: "Leave one of them out.",
    issues: [{ path, message }],
  })
}

/** `before`: how the service is set already; `present`: the variables that it will have. */
const admitPart = (
  organization: OrganizationId,
  key: string,
  given: PartSettings,
  before: PartSettings,
  present: Readonly<Record<string, unknown>>,
) =>
  Effect.gen(function* () {
    if (given.resources !== undefined) yield* admitResources(given.resources)
    if (given.source === undefined) return { settings: given, secrets: {} } satisfies AdmittedPart
    const { source, template } = yield* admitSource(organization, given.source, {
      environment: present,
      source: before.source ?? null,
    })
    const { variables, secrets } = template ?? { variables: {}, secrets: {} }
    const twice = Object.keys(secrets).find((name) => Object.hasOwn(given.environment ?? {}, name))
    if (twice !== undefined) return yield* givenTwice(key, twice)
    if (Object.keys({ ...variables, ...secrets }).length === 0)
      return { settings: { ...given, source }, secrets } satisfies AdmittedPart
    // Given variables take the place of all that were set before, and those of options are beside either.
    const kept = given.environment === undefined ? before.environment : {}
    const environment = withoutSecrets({ ...kept, ...variables, ...given.environment }, secrets)
    return { settings: { ...given, source, environment }, secrets } satisfies AdmittedPart
  })

/**
 * Settings over those of before, field by field, that could be had by some worker, and whose sources are as the platform
 * knows them; with the values of secret variables, which are no part of them. `secretsOf`: those that a service has.
 */
export const admitSettings = (
  organization: OrganizationId,
  template: StackTemplate,
  before: StackSettings,
  given: StackSettings,
  secretsOf: (key: string) => Readonly<Record<string, unknown>>,
) =>
  Effect.gen(function* () {
    const parts = partsOf(template, mergeSettings(before, given))
    const admitted = yield* Effect.forEach(Object.entries(given), ([key, settings]) => {
      const environment = parts.find((one) => one.key === key)?.environment ?? {}
      return Effect.map(
        admitPart(organization, key, settings, before[key] ?? {}, presentIn(environment, secretsOf(key))),
        (part) => [key, part] as const,
      )
    })
    const each = <A>(of: (part: AdmittedPart) => A) =>
      Object.fromEntries(admitted.map(([key, part]) => [key, of(part)]))
    return {
      settings: mergeSettings(
        before,
        each(({ settings }) => settings),
      ),
      secrets: each(({ secrets }) => secrets) satisfies GivenSecrets,
    }
  })

/** The services that follow from template and settings; refuses what does not go together. */
export const admitParts = (template: StackTemplate, settings: StackSettings, secrets: GivenSecrets) =>
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
      yield* admitEnvironment({ ...environment, ...secrets[key] }, `services.${key}.environment`)
    return parts
  })
