import { environmentLimits } from "@skypanel/contract/Environment"
import { defaultResources } from "@skypanel/contract/Resources"
import type { StackPart } from "@skypanel/contract/Stack"
import type { WrittenPart } from "@skypanel/contract/StackTemplate"
import { defaultPort, reachedBy } from "../port.ts"
import type { PartIssue } from "./parts.ts"

/** What a service's template has for whoever says nothing. */
export interface PartDefaults {
  readonly title: string | null
  /** Null: none. Undefined: that is for the stack's author to say. */
  readonly port: number | null | undefined
  readonly healthPath: string | null
  readonly resources: StackPart["resources"]
  readonly environment: StackPart["environment"]
}

/** Of what is no template, and of parts, which are a program alone. */
export const noDefaults: PartDefaults = {
  title: null,
  port: undefined,
  healthPath: null,
  resources: defaultResources,
  environment: {},
}

/** The service with nothing left open, and what its author has to say still. */
export const partOf = (
  key: string,
  written: WrittenPart,
  source: StackPart["source"],
  defaults: PartDefaults,
): { readonly part: StackPart; readonly issues: ReadonlyArray<PartIssue> } => {
  // Where it is missing, some port stands for it, so that everything else can be looked at.
  const reached = reachedBy(written, {
    ...defaults,
    port: defaults.port === undefined ? defaultPort : defaults.port,
  })
  const environment = { ...defaults.environment, ...written.environment }
  const { variables } = environmentLimits
  const issues = [
    ...(written.port === undefined && defaults.port === undefined
      ? [{ path: `services.${key}.port`, message: "say which port its program listens on, or null for none" }]
      : []),
    ...(Object.keys(environment).length > variables
      ? [
          {
            path: `services.${key}.environment`,
            message: `with those of its template it has more than ${variables} variables`,
          },
        ]
      : []),
  ]
  const part = {
    key,
    title: written.title ?? defaults.title ?? key,
    source,
    public: written.public ?? false,
    ...reached,
    resources: written.resources ?? defaults.resources,
    replicas: written.replicas ?? 1,
    volume: written.volume ?? null,
    environment,
    secrets: written.secrets ?? [],
    needs: written.needs ?? [],
  }
  return { part, issues }
}
