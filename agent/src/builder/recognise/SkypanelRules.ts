import { kinds } from "./Recognised.ts"

/** Characters of a command; commands are shown to people. */
export const commandMax = 500
const processesMax = 50

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

const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  build: { path, kind, command, node, packages },
  start: { command, process },
  static: { folder: path, fallback: path },
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
  if (table === "processes") return processName.test(key) ? command : undefined
  return Object.hasOwn(rules[table]!, key) ? rules[table]![key] : undefined
}

const allowedKeys = (table: string) =>
  table === "processes"
    ? "A process has a name of at most 40 letters, digits, - and _."
    : `Allowed are ${Object.keys(rules[table]!).join(", ")}.`

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
  const tables = [...Object.keys(rules), "processes"]
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
