import { defaultResources, parseSize, type Resources } from "@skypanel/contract/Resources"
import { CreateService, type Service, UpdateService } from "@skypanel/contract/Service"
import type { Source } from "@skypanel/contract/Source"
import type { Template } from "@skypanel/contract/Template"
import { Result, Schema, SchemaIssue } from "effect"
import { BadInput } from "./Failure.ts"

/** What `deploy` was told, as it was typed. Null: not said. */
export interface DeployFlags {
  readonly name: string
  readonly source: Source | null
  /** `NAME=value` each. */
  readonly env: ReadonlyArray<string>
  readonly unset: ReadonlyArray<string>
  readonly cpu: number | null
  readonly memory: string | null
  readonly storage: string | null
  readonly port: number | null
  /** The empty string: no path, a connection is enough. */
  readonly healthPath: string | null
}

interface Issue {
  readonly path: string
  readonly message: string
}

const refuse = (issues: ReadonlyArray<Issue>) =>
  new BadInput({
    message: issues.length === 1 ? "One value cannot be used." : `${issues.length} values cannot be used.`,
    next: "Correct that and try again; `skypanel deploy --help` shows how each is written.",
    issues,
  })

/** Nothing but the name: build and deploy again what is there. */
export const saysNothing = (flags: DeployFlags): boolean => flags.source === null && !configures(flags)

const configures = (flags: DeployFlags): boolean =>
  flags.env.length > 0 ||
  flags.unset.length > 0 ||
  choosesResources(flags) ||
  flags.port !== null ||
  flags.healthPath !== null

const choosesResources = (flags: DeployFlags): boolean =>
  flags.cpu !== null || flags.memory !== null || flags.storage !== null

/** The template whose values the flags change; null when they change none. */
export const templateToRead = (flags: DeployFlags): string | null =>
  flags.source?._tag === "template" &&
  (flags.env.length > 0 || flags.unset.length > 0 || choosesResources(flags))
    ? flags.source.template
    : null

const environmentOf = (
  flags: DeployFlags,
  base: Readonly<Record<string, string>>,
  issues: Array<Issue>,
): Readonly<Record<string, string>> => {
  const environment = new Map(Object.entries(base))
  for (const name of flags.unset) environment.delete(name)
  for (const text of flags.env) {
    const equals = text.indexOf("=")
    if (equals < 1)
      issues.push({ path: "--env", message: `write NAME=value, not ${JSON.stringify(text.slice(0, 80))}` })
    else environment.set(text.slice(0, equals), text.slice(equals + 1))
  }
  // `Object.fromEntries` makes own properties of every name, `__proto__` too.
  return Object.fromEntries(environment)
}

const sizeOf = (flag: string, text: string | null, base: number, issues: Array<Issue>): number => {
  if (text === null) return base
  const bytes = parseSize(text)
  if (bytes === null) issues.push({ path: flag, message: "write a size such as 256MiB or 1GiB" })
  return bytes ?? base
}

interface Base {
  readonly environment: Readonly<Record<string, string>>
  readonly resources: Resources
}

const configuration = (flags: DeployFlags, base: Base, issues: Array<Issue>) => ({
  ...(flags.env.length + flags.unset.length > 0 && {
    environment: environmentOf(flags, base.environment, issues),
  }),
  ...(choosesResources(flags) && {
    resources: {
      cpu: flags.cpu ?? base.resources.cpu,
      memoryBytes: sizeOf("--memory", flags.memory, base.resources.memoryBytes, issues),
      storageBytes: sizeOf("--storage", flags.storage, base.resources.storageBytes, issues),
    },
  }),
  ...(flags.port !== null && { port: flags.port }),
  ...(flags.healthPath !== null && { healthPath: flags.healthPath === "" ? null : flags.healthPath }),
})

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/** Checks a request by the contract before it is sent, so that the field that is wrong can be named. */
const checked = <A, I>(
  schema: Schema.Codec<A, I>,
  request: unknown,
  issues: ReadonlyArray<Issue>,
): Result.Result<A, BadInput> => {
  if (issues.length > 0) return Result.fail(refuse(issues))
  return Result.mapError(Schema.decodeUnknownResult(schema)(request, { errors: "all" }), (error) =>
    refuse(
      formatIssues(error.issue).issues.map((issue) => ({
        path: (issue.path ?? [])
          .map((key) => (typeof key === "object" ? key.key : key))
          .map(String)
          .join("."),
        message: issue.message,
      })),
    ),
  )
}

/** The request that creates the service. Flags change the template's values, or the defaults. */
export const createRequest = (
  flags: DeployFlags,
  template: Template | null,
): Result.Result<CreateService, BadInput> => {
  if (flags.source === null)
    return Result.fail(
      new BadInput({
        message: `There is no service ${JSON.stringify(flags.name)} yet, and nothing says what to deploy.`,
        next: "Add --template T, --git URL or --expression FILE; `skypanel templates` lists the templates.",
        issues: [],
      }),
    )
  const issues: Array<Issue> = []
  const base = {
    environment: Object.fromEntries((template?.environment ?? []).map(({ name, value }) => [name, value])),
    resources: template?.resources ?? defaultResources,
  }
  const request = { name: flags.name, source: flags.source, ...configuration(flags, base, issues) }
  return checked(CreateService, request, issues)
}

/** The request that changes the service: what the flags name; what they leave out stays. */
export const updateRequest = (
  flags: DeployFlags,
  service: Service,
): Result.Result<UpdateService, BadInput> => {
  const issues: Array<Issue> = []
  const request = {
    ...(flags.source !== null && { source: flags.source }),
    ...configuration(flags, service, issues),
  }
  return checked(UpdateService, request, issues)
}
