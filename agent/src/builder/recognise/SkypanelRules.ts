import { kinds } from "./Recognised.ts"
import { isDockerfile } from "./TellingFiles.ts"

/** Characters of a command; commands are shown to people. */
export const commandMax = 500
const processesMax = 50
const argumentMax = 2000

/** What a value has to be, in words; null when it is that. */
type Rule = (value: unknown) => string | null

const command: Rule = (value) =>
  typeof value === "string" && /\S/.test(value) && value.length <= commandMax && !/[\r\n\0]/.test(value)
    ? null
    : `a command of one line, at most ${commandMax} characters`

const path: Rule = (value) =>
  typeof value === "string" &&
  /^[A-Za-z0-9._@+-][A-Za-z0-9._@+/-]{0,199}$/.test(value) &&
  !value.split("/").includes("..")
    ? null
    : "a path in the repository such as apps/web, without .. and without a leading /"

const kind: Rule = (value) =>
  kinds.some((each) => each === value) ? null : `one of ${kinds.map((each) => `"${each}"`).join(", ")}`

const node: Rule = (value) =>
  typeof value === "string" && /^[0-9A-Za-z.*^~<>=|/ -]{1,40}$/.test(value)
    ? null
    : 'a version or a range as text, such as "24" or ">=22"'

const packages: Rule = (value) => (value === "lock" || value === "set" ? null : 'one of "lock", "set"')

const processName = /^[A-Za-z0-9_-]{1,40}$/
const process: Rule = (value) =>
  typeof value === "string" && processName.test(value)
    ? null
    : "the name of a process of the Procfile or of [processes]"

/** So that what is in it is read where the repository is recognised. */
const dockerfile: Rule = (value) =>
  path(value) === null && isDockerfile(`${value}`.slice(`${value}`.lastIndexOf("/") + 1))
    ? null
    : "the path of a file that is called Dockerfile, Dockerfile.something or something.dockerfile"

const target: Rule = (value) =>
  typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(value)
    ? null
    : "the name of a stage, as after AS"

const argument: Rule = (value) =>
  typeof value === "string" && value.length <= argumentMax && !/[\r\n\0]/.test(value)
    ? null
    : `a text of one line, at most ${argumentMax} characters`

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
    name: processName,
    rule: command,
    allowed: "A process has a name of at most 40 letters, digits, - and _.",
  },
  arguments: {
    // BuildKit's own arguments say what it is and does itself.
    name: /^(?!BUILDKIT_)[A-Za-z_][A-Za-z0-9_]{0,99}$/,
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
  if (Object.keys(values).length > processesMax)
    return {
      table,
      key: null,
      title: `[${table}] has more than ${processesMax} keys`,
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
