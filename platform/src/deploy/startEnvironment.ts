import type { Environment } from "@skypanel/contract/Environment"
import type { Reference } from "@skypanel/contract/StackReferences"
import { Effect } from "effect"
import type { Meaning, Meanings } from "../domain/stacks/meanings.ts"
import { resolveEnvironment } from "../domain/stacks/references.ts"
import { secretSealedFor } from "../domain/stacks/secret.ts"
import { Sealing } from "../sealing/Sealing.ts"
import type { DeploymentRow, ServiceRow } from "../store/rows.ts"
import { meaningsNow, nameOf, referencesOf } from "./meaningsNow.ts"
import { openSecrets } from "./secretVariables.ts"

/** What an instance is started with. */
export interface Start {
  readonly environment: Environment
  /** What the references in it stood for. */
  readonly meanings: Meanings
}

/**
 * The service's variables with what their references stand for: those of a stack's service refer to the stack's other
 * services and to its secrets. Null: one stands for nothing.
 */
const withReferences = (service: ServiceRow, deployment: DeploymentRow, before: Meanings | null) =>
  Effect.gen(function* () {
    const { stack_id: stack, organization_id: organization } = service
    const { environment } = deployment
    const references = referencesOf(service, deployment)
    if (references.length === 0) return { environment, meanings: {} } satisfies Start
    const sealing = yield* Sealing
    const { secrets, meansNow } = yield* meaningsNow(service, deployment)

    const meaningOf = (reference: Reference): Meaning | null => {
      const then = before?.[nameOf(reference)]
      const isGone = typeof then === "object" && secrets.find(nameOf(reference), then.version) === null
      return then === undefined || isGone ? meansNow(reference) : then
    }
    const textFor = (reference: Reference): string | null => {
      const meaning = meaningOf(reference)
      if (meaning === null || typeof meaning === "string") return meaning
      const name = nameOf(reference)
      const secret = secrets.find(name, meaning.version)
      if (secret === null || stack === null) return null
      return sealing.open(secret.sealed, secretSealedFor(organization, stack, name, secret.version))
    }

    const resolved = resolveEnvironment(environment, textFor)
    if (resolved === null) return null
    return {
      environment: resolved,
      meanings: Object.fromEntries(references.map((one) => [nameOf(one), meaningOf(one)!])),
    } satisfies Start
  })

/**
 * The variables that an instance is started with, secrets among them, which are written nowhere but into the container's
 * own specification. `before`: what its references stood for when it was started first, so that it is the same instance
 * however often the orchestrator is told of it. Null: something is missing, and it is not started: better that than
 * without it.
 */
export const startEnvironment = (
  service: ServiceRow,
  deployment: DeploymentRow,
  before: Meanings | null = null,
) =>
  Effect.gen(function* () {
    const start = yield* withReferences(service, deployment, before)
    const secrets = yield* openSecrets(service, deployment.secrets)
    if (start === null || secrets.size < Object.keys(deployment.secrets).length) {
      yield* Effect.logError(
        `${service.name} of ${service.organization_slug} is not started: its variables refer to what its stack does not have, or a secret is gone or cannot be opened`,
      )
      return null
    }
    return {
      environment: { ...start.environment, ...Object.fromEntries(secrets) },
      meanings: start.meanings,
    } satisfies Start
  })
