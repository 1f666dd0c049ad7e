import { type Environment, environmentLimits, type SecretValues } from "@skypanel/contract/Environment"
import { InvalidInput, NoCapacity, NotFound } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { Resources } from "@skypanel/contract/Resources"
import { gitSource, type Source } from "@skypanel/contract/Source"
import type { Volume } from "@skypanel/contract/Volume"
import { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { whyTooLarge } from "../domain/capacity.ts"
import { type Reached, whyNotReached } from "../domain/port.ts"
import { sourceProblem } from "../domain/sourceProblem.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { knownCapacities } from "../store/Workers.ts"
import type { Templates } from "../templates/Templates.ts"
import { type AdmittedTemplate, admitTemplate, type TemplateSource } from "./templates/admit.ts"

const invalid = (path: string, message: string, next: string) =>
  new InvalidInput({ message, next, issues: [{ path, message }] })

/**
 * Refuses a source that could never be fetched; what is in it, its builder looks at. Gives it as the platform knows it:
 * what a folder is, is not for who asks to say.
 */
export const admitSource = (
  organization: OrganizationId,
  source: Source,
  /** What a template's options are checked against: the variables and the source that the service has. */
  service: {
    readonly environment: Readonly<Record<string, unknown>>
    readonly source: Source | null
  },
): Effect.Effect<
  { readonly source: Source; readonly template: AdmittedTemplate | null },
  InvalidInput | NotFound | SqlError.SqlError,
  Templates | FolderStore | PlatformConfig | SqlClient.SqlClient
> =>
  source._tag === "template"
    ? Effect.map(admitTemplate(organization, source, service.environment, service.source), (template) => ({
        source: template.source,
        template,
      }))
    : Effect.map(admitFetched(organization, source), (source) => ({ source, template: null }))

const admitFetched = (organization: OrganizationId, source: Exclude<Source, TemplateSource>) =>
  Effect.gen(function* () {
    const { allowPrivateGit } = yield* PlatformConfig
    const problem = sourceProblem(source, allowPrivateGit)
    if (problem !== null) return yield* invalid(`source.${problem.field}`, problem.message, problem.next)
    if (source._tag === "folder") {
      const folders = yield* FolderStore
      const folder = yield* folders.find(organization, source.digest)
      if (folder === null)
        return yield* new NotFound({
          message: "The platform does not have this folder.",
          next: "Upload it first: `skypanel deploy NAME --dir .` does both.",
        })
      return { ...source, ...folder }
    }
    return source._tag === "git" ? gitSource(source) : source
  })

const admitCount = (count: number, path: string) => {
  const { variables } = environmentLimits
  return count <= variables
    ? Effect.void
    : Effect.fail(
        invalid(
          path,
          `With those of the template, the service would have ${count} variables, and ${variables} is the most.`,
          `Leave out at least ${count - variables}.`,
        ),
      )
}

/** The variables put together from several places, each of which had few enough. */
export const admitEnvironment = (environment: Environment, path = "environment") =>
  Effect.as(admitCount(Object.keys(environment).length, path), environment)

interface Variables {
  readonly environment?: Environment
  readonly secrets?: SecretValues
}

const taken = (name: string) =>
  invalid(
    `environment.${name}`,
    `${name} is a secret variable, and would be one in clear besides.`,
    "Leave it out here, or take the secret one away in the same request.",
  )

/**
 * The variables of a service after a request, and what is set of its secret ones. A variable that becomes secret is no more
 * in the environment; one that is secret is not set in clear by mistake.
 */
export const admitVariables = (
  row: { readonly environment: Environment; readonly secrets: Readonly<Record<string, number>> },
  request: Variables,
  template: Pick<AdmittedTemplate, "variables" | "secrets"> | null,
) =>
  Effect.gen(function* () {
    const secrets: SecretValues = { ...template?.secrets, ...request.secrets }
    const names = Object.keys({ ...row.secrets, ...secrets }).filter((name) => secrets[name] !== null)
    const kept = Object.entries(row.environment).filter(([name]) => typeof secrets[name] !== "string")
    const given = request.environment ?? Object.fromEntries(kept)
    const environment: Environment = { ...given, ...template?.variables }
    const both = names.find((name) => Object.hasOwn(environment, name))
    if (both !== undefined) return yield* taken(both)
    yield* admitCount(Object.keys(environment).length + names.length, "environment")
    return { environment, secrets }
  })

/** A volume is a folder on one worker: several instances cannot share it. */
export const admitVolume = (volume: Volume | null, replicas: number) =>
  volume !== null && replicas > 1
    ? Effect.fail(
        invalid(
          "replicas",
          "A service with a volume has one instance: the volume is on one worker.",
          "Set one instance, or leave the volume out.",
        ),
      )
    : Effect.void

/** What is asked on a port needs one. */
export const admitReached = (reached: Reached) => {
  const why = whyNotReached(reached)
  return why === null
    ? Effect.void
    : Effect.fail(
        invalid(
          "healthPath",
          `${why[0]!.toUpperCase()}${why.slice(1)}: nothing could be asked.`,
          "Leave the health path out, or give the service a port.",
        ),
      )
}

/** Refuses what no worker that is known could ever run. */
export const admitResources = (resources: Resources) =>
  Effect.gen(function* () {
    const message = whyTooLarge(resources, yield* knownCapacities)
    if (message !== null)
      return yield* new NoCapacity({ message, next: "Ask for less, or add a larger worker." })
  })
