import type { ServiceCredential } from "@skypanel/contract/PreparedCredential"
import { defaultResources, parseSize, type Resources } from "@skypanel/contract/Resources"
import { CreateService, type Service, UpdateService } from "@skypanel/contract/Service"
import { gitSource, type Source } from "@skypanel/contract/Source"
import type { Template } from "@skypanel/contract/Template"
import { Result } from "effect"
import { checked, type Issue } from "./checked.ts"
import { BadInput } from "./Failure.ts"
import { withOverrides } from "./overrides.ts"
import { readPairs } from "./pairs.ts"
import { type VolumeFlag, volumeOf } from "./volume.ts"

/** What `deploy` was told, as it was typed. Null: not said. */
export interface DeployFlags {
  readonly name: string
  readonly source: Source | null
  /** Of a repository or a folder, `KEY=value` each. */
  readonly overrides: ReadonlyArray<string>
  /** Of a Git repository: what is fetched besides its own files. */
  readonly submodules: boolean | null
  readonly lfs: boolean | null
  /** Of a Git repository that is not public. */
  readonly credential: ServiceCredential | null
  /** Of a template, `NAME=value` each. */
  readonly options: ReadonlyArray<string>
  /** `NAME=value` each. */
  readonly env: ReadonlyArray<string>
  readonly unset: ReadonlyArray<string>
  readonly cpu: number | null
  readonly memory: string | null
  readonly storage: string | null
  readonly port: number | "none" | null
  /** The empty string: no path, a connection is enough. */
  readonly healthPath: string | null
  readonly replicas: number | null
  readonly volume: VolumeFlag | null
}

const command = "skypanel deploy"

/** Nothing but the name: build and deploy again what is there. */
export const saysNothing = (flags: DeployFlags): boolean =>
  flags.source === null && !choosesParts(flags) && !configures(flags)

const choosesParts = (flags: DeployFlags): boolean => flags.submodules !== null || flags.lfs !== null

/** What is said of a repository's parts counts for the one that is named, or that the service has. */
const sourceWith = (flags: DeployFlags, current: Source | null, issues: Array<Issue>): Source | null => {
  const { submodules, lfs } = flags
  const source = flags.source ?? (choosesParts(flags) ? current : null)
  if (source?._tag !== "git") {
    if (choosesParts(flags))
      issues.push({
        path: submodules === null ? "--lfs" : "--submodules",
        message: "that is for a Git repository: add --git URL",
      })
    return source
  }
  const kept = current?._tag === "git" && current.url === source.url ? current : source
  return gitSource({
    ...source,
    submodules: submodules ?? kept.submodules ?? false,
    lfs: lfs ?? kept.lfs ?? false,
  })
}

const configures = (flags: DeployFlags): boolean =>
  flags.overrides.length > 0 ||
  flags.env.length > 0 ||
  flags.unset.length > 0 ||
  choosesResources(flags) ||
  flags.port !== null ||
  flags.healthPath !== null ||
  flags.replicas !== null ||
  flags.volume !== null

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
  for (const [name, value] of readPairs("--env", flags.env, issues)) environment.set(name, value)
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
  ...(flags.port !== null && { port: flags.port === "none" ? null : flags.port }),
  ...(flags.healthPath !== null && { healthPath: flags.healthPath === "" ? null : flags.healthPath }),
  ...(flags.replicas !== null && { replicas: flags.replicas }),
  ...(flags.volume !== null && { volume: volumeOf(flags.volume, issues) }),
})

/** The request that creates the service. Flags change the template's values, or the defaults. */
export const createRequest = (
  flags: DeployFlags,
  template: Template | null,
): Result.Result<CreateService, BadInput> => {
  if (flags.source === null)
    return Result.fail(
      new BadInput({
        message: `There is no service ${JSON.stringify(flags.name)} yet, and nothing says what to deploy.`,
        next: "Add --dir . for a folder, --template T, --git URL, --image REFERENCE or --expression FILE; `skypanel templates` lists the templates.",
        issues: [],
      }),
    )
  const issues: Array<Issue> = []
  const base = {
    environment: Object.fromEntries((template?.environment ?? []).map(({ name, value }) => [name, value])),
    resources: template?.resources ?? defaultResources,
  }
  const source = withOverrides(sourceWith(flags, null, issues), null, flags.overrides, issues)
  const { name, credential } = flags
  const request = {
    name,
    source,
    ...(credential !== null && { credential }),
    ...configuration(flags, base, issues),
  }
  return checked(CreateService, request, issues, command)
}

/** The request that changes the service: what the flags name; what they leave out stays. */
export const updateRequest = (
  flags: DeployFlags,
  service: Service,
): Result.Result<UpdateService, BadInput> => {
  const issues: Array<Issue> = []
  const parts = sourceWith(flags, service.source, issues)
  const source = withOverrides(parts, service.source, flags.overrides, issues)
  const gone = service.secrets.filter(({ name }) => flags.unset.includes(name))
  const request = {
    ...(source !== null && { source }),
    ...(flags.credential !== null && { credential: flags.credential }),
    ...configuration(flags, service, issues),
    ...(gone.length > 0 && { secrets: Object.fromEntries(gone.map(({ name }) => [name, null])) }),
  }
  return checked(UpdateService, request, issues, command)
}
