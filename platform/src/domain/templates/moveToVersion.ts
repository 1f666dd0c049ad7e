import type { Environment } from "@skypanel/contract/Environment"
import type { Resources } from "@skypanel/contract/Resources"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import { type OptionValues, ownValue, whyNoValue } from "@skypanel/contract/TemplateOptions"
import type { Reached } from "../port.ts"

/** What of a service comes from its template, or from whoever changed it since. */
export interface FromTemplate {
  readonly options: OptionValues
  readonly environment: Environment
  readonly resources: Resources
  readonly port: number | null
  readonly healthPath: string | null
}

/** The variables that a template brings where nobody says anything. */
export const variablesOf = ({ environment, options }: TemplateDefinition): Environment => ({
  ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
  ...Object.fromEntries(
    options.flatMap(({ variable, default: value }) =>
      variable === null || value === null ? [] : [[variable, String(value)]],
    ),
  ),
})

/** What everybody left as it was follows the template; what somebody changed, added or took out stays so. */
const mergeVariables = (now: Environment, before: Environment, after: Environment): Environment => ({
  ...Object.fromEntries(
    Object.entries(now).flatMap(([name, value]) => {
      if (value !== ownValue(before, name)) return [[name, value]]
      const follows = ownValue(after, name)
      return follows === undefined ? [] : [[name, follows]]
    }),
  ),
  ...Object.fromEntries(
    Object.entries(after).filter(([name]) => !Object.hasOwn(before, name) && !Object.hasOwn(now, name)),
  ),
})

const sameResources = (a: Resources, b: Resources): boolean =>
  a.cpu === b.cpu && a.memoryBytes === b.memoryBytes && a.storageBytes === b.storageBytes

/** A port that somebody took away stays away, and a health path with it. */
const reachedAfter = (now: Reached, before: Reached, after: Reached): Reached => {
  const port = now.port === before.port ? after.port : now.port
  const healthPath = now.healthPath === before.healthPath ? after.healthPath : now.healthPath
  return { port, healthPath: port === null ? null : healthPath }
}

/** The service as another version of its template has it. A chosen value stays where it still can be one. */
export const moveToVersion = (
  service: FromTemplate,
  before: TemplateDefinition,
  after: TemplateDefinition,
): FromTemplate => {
  const kept = Object.entries(service.options).flatMap(([name, value]) => {
    const option = after.options.find((option) => option.name === name)
    // What is secret by now was none: it is to be chosen, and not to become a variable in clear.
    return option === undefined || option.type === "secret" || whyNoValue(option, value) !== null
      ? []
      : [{ option, value }]
  })
  return {
    options: Object.fromEntries(
      kept.flatMap(({ option, value }) => (option.variable === null ? [[option.name, value]] : [])),
    ),
    environment: {
      ...mergeVariables(service.environment, variablesOf(before), variablesOf(after)),
      ...Object.fromEntries(
        kept.flatMap(({ option, value }) =>
          option.variable === null ? [] : [[option.variable, String(value)]],
        ),
      ),
    },
    resources: sameResources(service.resources, before.resources) ? after.resources : service.resources,
    ...reachedAfter(service, before, after),
  }
}
