import type { Environment } from "@skypanel/contract/Environment"
import type { StackId } from "@skypanel/contract/Id"
import { hasReferences, type Reference } from "@skypanel/contract/StackReferences"
import { Effect } from "effect"
import { PlatformConfig } from "../config.ts"
import { resolveEnvironment } from "../domain/stacks/references.ts"
import { secretSealedFor } from "../domain/stacks/secret.ts"
import { Sealing } from "../sealing/Sealing.ts"
import type { ServiceRow } from "../store/rows.ts"
import { sealedSecrets, stackServices } from "../store/Stacks.ts"

/** What of the stack's services is no secret. */
const plainOf = (
  service: ServiceRow,
  attribute: string,
  config: PlatformConfig["Service"],
): string | null => {
  switch (attribute) {
    case "host":
      return service.name
    case "port":
      return String(service.port)
    case "url":
      return service.public ? PlatformConfig.endpointUrl(config, service.host) : null
    default:
      return null
  }
}

/**
 * The variables that a container is started with: those of a stack's service refer to the stack's other services and
 * to its secrets, which are written nowhere but into the container's own specification. Null: a reference stands for
 * nothing, and it is not started.
 */
export const startEnvironment = (service: ServiceRow, environment: Environment) =>
  Effect.gen(function* () {
    const { stack_id: stack, stack_key: part, organization_id: organization } = service
    if (part === null || !Object.values(environment).some(hasReferences)) return environment
    const sealing = yield* Sealing
    const config = yield* PlatformConfig
    // One that has left its stack refers to nothing any more.
    const id = stack ?? ("" as StackId)
    const services = yield* stackServices(organization, id)
    const secrets = yield* sealedSecrets(organization, id)
    const meaningOf = ({ key, attribute }: Reference): string | null => {
      const name = `${key}.${attribute}`
      const secret = secrets.get(name)
      if (secret !== undefined) return sealing.open(secret, secretSealedFor(organization, id, name))
      const other = services.find(({ stack_key }) => stack_key === key)
      return other === undefined ? null : plainOf(other, attribute, config)
    }
    const resolved = resolveEnvironment(environment, meaningOf)
    if (resolved === null)
      yield* Effect.logError(
        `${service.name} of ${service.organization_slug} is not started: its variables refer to what its stack does not have, or cannot open`,
      )
    return resolved
  })
