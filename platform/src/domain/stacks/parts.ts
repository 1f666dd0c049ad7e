import type { PartSettings, StackPart, StackSettings, StackTemplate } from "@skypanel/contract/Stack"
import { type Reference, referencesIn } from "@skypanel/contract/StackReferences"
import { Result } from "effect"
import { reachedBy, whyNotReached } from "../port.ts"
import { deployOrder } from "./order.ts"

/** What is wrong, at a path such as `services.web.environment.URL`. */
export interface PartIssue {
  readonly path: string
  readonly message: string
}

/** What of a service may be referred to beside its secrets. */
const attributesOf = ({ public: isPublic, port, secrets }: StackPart): ReadonlyArray<string> => [
  "host",
  ...(port === null ? [] : ["port"]),
  ...(isPublic && port !== null ? ["url"] : []),
  ...secrets,
]

/** What a service of a stack is called in its organization. */
export const serviceNameOf = (stack: string, key: string): string => `${stack}-${key}`

export const secretNamesOf = (parts: ReadonlyArray<StackPart>): ReadonlyArray<string> =>
  parts.flatMap(({ key, secrets }) => secrets.map((secret) => `${key}.${secret}`))

const withSettings = (part: StackPart, { environment, volumeBytes, ...rest }: PartSettings): StackPart => ({
  ...part,
  ...rest,
  ...reachedBy(rest, part),
  environment: { ...part.environment, ...environment },
  volume:
    part.volume === null || volumeBytes === undefined
      ? part.volume
      : { ...part.volume, sizeBytes: volumeBytes },
})

/** The template's services as they are set, in the order in which they are deployed. */
export const partsOf = (template: StackTemplate, settings: StackSettings): ReadonlyArray<StackPart> =>
  Result.getOrThrow(deployOrder(template.services)).map((part) =>
    withSettings(part, settings[part.key] ?? {}),
  )

/** Earlier settings with newer ones in their place, field by field. */
export const mergeSettings = (before: StackSettings, now: StackSettings): StackSettings => {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  return Object.fromEntries(Array.from(keys, (key) => [key, { ...before[key], ...now[key] }]))
}

const unknownReference = (parts: ReadonlyArray<StackPart>, { key, attribute }: Reference): string | null => {
  const part = parts.find((one) => one.key === key)
  if (part === undefined) return `the stack has no service "${key}"`
  const known = attributesOf(part)
  return known.includes(attribute) ? null : `${key} has ${known.join(", ")}, and no ${attribute}`
}

/** Settings of services that there are not, and references to what there is not. */
export const settingsIssues = (
  parts: ReadonlyArray<StackPart>,
  settings: StackSettings,
): ReadonlyArray<PartIssue> => [
  ...Object.keys(settings)
    .filter((key) => !parts.some((part) => part.key === key))
    .map((key) => ({ path: `services.${key}`, message: `the stack has no service "${key}"` })),
  ...parts.flatMap(({ key, environment }) =>
    Object.entries(environment).flatMap(([name, value]) =>
      referencesIn(value).flatMap((reference) => {
        const message = unknownReference(parts, reference)
        return message === null ? [] : [{ path: `services.${key}.environment.${name}`, message }]
      }),
    ),
  ),
  ...parts.flatMap(({ key, volume, replicas }) =>
    volume !== null && replicas > 1
      ? [{ path: `services.${key}.replicas`, message: "a service with a volume has one instance" }]
      : [],
  ),
  ...parts.flatMap((part) => {
    const message = whyNotReached(part)
    return message === null ? [] : [{ path: `services.${part.key}.healthPath`, message }]
  }),
  ...Object.entries(settings).flatMap(([key, { volumeBytes }]) =>
    volumeBytes !== undefined && parts.some((part) => part.key === key && part.volume === null)
      ? [{ path: `services.${key}.volumeBytes`, message: "this service has no volume" }]
      : [],
  ),
]

/** A secret is referred to as what every service has is: its name must be another. */
const secretIssues = ({ key, secrets }: StackPart): ReadonlyArray<PartIssue> =>
  secrets.flatMap((secret, at) => {
    const issue = (message: string) => [{ path: `services.${key}.secrets`, message }]
    if (["host", "port", "url"].includes(secret))
      return issue(`every service has a ${secret}: name it otherwise`)
    return secrets.indexOf(secret) < at ? issue(`${secret} is there twice`) : []
  })

/** An endpoint leads to a port. */
const publicIssues = ({ key, public: isPublic, port }: StackPart): ReadonlyArray<PartIssue> =>
  isPublic && port === null
    ? [{ path: `services.${key}.public`, message: "a service without a port has no endpoint" }]
    : []

/** Everything that is wrong with the services of a template, which is then not offered. */
export const stackIssues = (services: ReadonlyArray<StackPart>): ReadonlyArray<PartIssue> => {
  const keys = services.map(({ key }) => key)
  const unknown = services.flatMap(({ key, needs }) =>
    needs
      .filter((need) => !keys.includes(need))
      .map((need) => ({ path: `services.${key}.needs`, message: `the stack has no service "${need}"` })),
  )
  const order = deployOrder(services)
  const circle = Result.isFailure(order)
    ? [{ path: "services", message: `services need each other in a circle: ${order.failure}` }]
    : []
  return [
    ...unknown,
    ...circle,
    ...services.flatMap(secretIssues),
    ...services.flatMap(publicIssues),
    ...settingsIssues(services, {}),
  ]
}
