import { parseSize } from "@skypanel/contract/Resources"
import { gitSource } from "@skypanel/contract/Source"
import type { PartSettings, StackPart } from "@skypanel/contract/Stack"
import type { Issue } from "./checked.ts"
import { readPairs } from "./pairs.ts"

type Settings = { -readonly [Field in keyof PartSettings]: PartSettings[Field] } & {
  /** Of a Git repository, whichever it will be: what is fetched besides its own files. */
  parts?: { readonly submodules?: boolean; readonly lfs?: boolean }
}

/** A service as it is now: what its settings change. */
type Base = Pick<StackPart, "key" | "source" | "resources" | "environment">

const number = (text: string): number => (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN)

const setPart =
  (name: "submodules" | "lfs") =>
  (settings: Settings, _: Base, value: string): string | null => {
    settings.parts = { ...settings.parts, [name]: value === "yes" }
    return value === "yes" || value === "no" ? null : "write yes or no"
  }

/** What can be set of a service: each takes the value as it was typed, and says what is wrong with it. */
const fields: Record<string, (settings: Settings, base: Base, value: string) => string | null> = {
  cpu: (settings, base, value) => {
    settings.resources = { ...(settings.resources ?? base.resources), cpu: number(value) }
    return Number.isNaN(number(value)) ? "write cores such as 0.5" : null
  },
  memory: (settings, base, value) => {
    const memoryBytes = parseSize(value)
    if (memoryBytes === null) return "write a size such as 256MiB or 1GiB"
    settings.resources = { ...(settings.resources ?? base.resources), memoryBytes }
    return null
  },
  volume: (settings, _, value) => {
    const bytes = parseSize(value)
    if (bytes === null) return "write a size such as 5GiB"
    settings.volumeBytes = bytes
    return null
  },
  replicas: (settings, _, value) => {
    settings.replicas = number(value)
    return Number.isNaN(number(value)) ? "write a number" : null
  },
  port: (settings, _, value) => {
    settings.port = value === "none" ? null : number(value)
    return Number.isNaN(settings.port) ? "write a number, or none" : null
  },
  "health-path": (settings, _, value) => {
    settings.healthPath = value === "" ? null : value
    return null
  },
  template: (settings, _, value) => {
    const [, template = "", version] = /^([^@]*)(?:@(.*))?$/.exec(value) ?? []
    settings.source = {
      ...{ _tag: "template", template },
      ...(version !== undefined && { version: Number(version) }),
    }
    return version === undefined || /^[1-9]\d{0,8}$/.test(version)
      ? null
      : "write NAME, or NAME@VERSION with the number of a version"
  },
  git: (settings, _, value) => {
    const [, url = "", ref = null] = /^([^#]*)(?:#(.*))?$/.exec(value) ?? []
    settings.source = { _tag: "git", url, ref }
    return null
  },
  submodules: setPart("submodules"),
  lfs: setPart("lfs"),
}

/** A repository that stays the same has fetched what it had, unless that is said otherwise. */
const settled = (base: Base, { parts, ...settings }: Settings, issues: Array<Issue>): PartSettings => {
  const source = settings.source ?? (parts === undefined ? undefined : base.source)
  if (source?._tag !== "git") {
    for (const name of Object.keys(parts ?? {}))
      issues.push({
        path: `--set ${base.key}.${name}`,
        message: `the service is not made from a Git repository: add --set ${base.key}.git=URL`,
      })
    return settings
  }
  const kept = base.source._tag === "git" && base.source.url === source.url ? base.source : source
  return {
    ...settings,
    source: gitSource({
      ...source,
      submodules: parts?.submodules ?? kept.submodules ?? false,
      lfs: parts?.lfs ?? kept.lfs ?? false,
    }),
  }
}

const setField = (settings: Settings, base: Base, field: string, value: string): string | null => {
  const variable = /^env\.(.+)$/.exec(field)?.[1]
  if (variable !== undefined) {
    settings.environment = { ...(settings.environment ?? base.environment), [variable]: value }
    return null
  }
  const known = Object.hasOwn(fields, field) ? fields[field]! : null
  return known === null
    ? `of a service one sets ${Object.keys(fields).join(", ")} or env.NAME`
    : known(settings, base, value)
}

/** Reads `--set web.memory=512MiB` and the like. */
export const readSettings = (
  texts: ReadonlyArray<string>,
  bases: ReadonlyArray<Base>,
  issues: Array<Issue>,
): { readonly [key: string]: PartSettings } => {
  const settings = new Map<Base, Settings>()
  for (const [name, value] of readPairs("--set", texts, issues)) {
    const dot = name.indexOf(".")
    const key = name.slice(0, Math.max(dot, 0))
    const base = bases.find((one) => one.key === key)
    if (base === undefined) {
      const known = bases.map((one) => one.key).join(", ")
      issues.push({ path: "--set", message: `write SERVICE.FIELD=VALUE; the stack's services are ${known}` })
      continue
    }
    const of = settings.get(base) ?? {}
    settings.set(base, of)
    const wrong = setField(of, base, name.slice(dot + 1), value)
    if (wrong !== null) issues.push({ path: `--set ${name}`, message: wrong })
  }
  return Object.fromEntries(Array.from(settings, ([base, of]) => [base.key, settled(base, of, issues)]))
}
