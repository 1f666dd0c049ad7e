import {
  argumentMax,
  argumentsMax,
  commandMax,
  overridePatterns,
  overrideWords,
  sourceKinds,
} from "@skypanel/contract/Overrides"
import { isDockerfile } from "./TellingFiles.ts"

/** What a value has to be, in words; null when it is that. */
type Rule = (value: unknown) => string | null

const matching =
  (name: keyof typeof overrideWords, max = Number.POSITIVE_INFINITY): Rule =>
  (value) =>
    typeof value === "string" && value.length <= max && overridePatterns[name].test(value)
      ? null
      : overrideWords[name]

const command = matching("command", commandMax)
const path = matching("path")
const node = matching("node")
const process = matching("process")
const target = matching("target")
const argument = matching("argument", argumentMax)

const kind: Rule = (value) =>
  sourceKinds.some((each) => each === value)
    ? null
    : `one of ${sourceKinds.map((each) => `"${each}"`).join(", ")}`

const packages: Rule = (value) => (value === "lock" || value === "set" ? null : 'one of "lock", "set"')

/** So that what is in it is read where the repository is recognised. */
const dockerfile: Rule = (value) =>
  path(value) === null && isDockerfile(`${value}`.slice(`${value}`.lastIndexOf("/") + 1))
    ? null
    : "the path of a file that is called Dockerfile, Dockerfile.something or something.dockerfile"

const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  build: { path, kind, command, node, packages },
  start: { command, process },
  static: { folder: path, fallback: path },
  dockerfile: { file: dockerfile, target },
}

/** Tables whose keys are names that the repository chooses. */
const named: Readonly<
  Record<string, { readonly name: RegExp; readonly rule: Rule; readonly allowed: string }>
> = {
  processes: {
    name: overridePatterns.process,
    rule: command,
    allowed: "A process has a name of at most 40 letters, digits, - and _.",
  },
  arguments: {
    name: overridePatterns.argumentName,
    rule: argument,
    allowed:
      "An argument has a name of letters, digits and _ that does not begin with a digit, nor with BUILDKIT_.",
  },
}

export interface Mistake {
  readonly table: string
  readonly key: string | null
  readonly title: string
  readonly next: string
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

const ruleOf = (table: string, key: string): Rule | undefined => {
  const free = named[table]
  if (free !== undefined) return free.name.test(key) ? free.rule : undefined
  return Object.hasOwn(rules[table]!, key) ? rules[table]![key] : undefined
}

const allowedKeys = (table: string) =>
  named[table]?.allowed ?? `Allowed are ${Object.keys(rules[table]!).join(", ")}.`

const findInTable = (table: string, values: Readonly<Record<string, unknown>>): Mistake | null => {
  if (Object.keys(values).length > argumentsMax)
    return {
      table,
      key: null,
      title: `[${table}] has more than ${argumentsMax} keys`,
      next: "Remove some of them.",
    }
  for (const [key, value] of Object.entries(values)) {
    const rule = ruleOf(table, key)
    if (rule === undefined)
      return { table, key, title: `[${table}] has no “${key}”`, next: allowedKeys(table) }
    const wanted = rule(value)
    if (wanted !== null)
      return { table, key, title: `“${key}” of [${table}] is not ${wanted}`, next: `Write ${wanted}.` }
  }
  return null
}

/** The first thing in the document that is not as it has to be. */
export const findMistake = (document: Readonly<Record<string, unknown>>): Mistake | null => {
  const tables = [...Object.keys(rules), ...Object.keys(named)]
  for (const [table, values] of Object.entries(document)) {
    const allowed = `Allowed are ${tables.map((name) => `[${name}]`).join(", ")}.`
    if (!tables.includes(table))
      return { table, key: null, title: `there is no “${table}” at the top`, next: allowed }
    if (!isTable(values))
      return {
        table,
        key: null,
        title: `“${table}” is not a table`,
        next: `Begin it with a line [${table}].`,
      }
    const found = findInTable(table, values)
    if (found !== null) return found
  }
  return null
}
