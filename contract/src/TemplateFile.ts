/** A `template.json`: variables and options are named by their keys, and what goes without saying is left out. */

type Fields = Readonly<Record<string, unknown>>

export interface FileIssue {
  readonly path: string
  readonly message: string
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A name of a file beside it, and of no other: who adds somebody else's template sends nothing else of theirs. */
export const isBeside = (name: unknown): name is string =>
  typeof name === "string" && /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(name)

const entriesOf = (
  path: string,
  given: unknown,
  issues: Array<FileIssue>,
): ReadonlyArray<readonly [string, Fields]> => {
  if (given === undefined) return []
  if (isFields(given) && Object.values(given).every(isFields))
    return Object.entries(given as Record<string, Fields>)
  issues.push({ path, message: "write an object with an object for each name" })
  return []
}

const variableOf = ([name, { default: value, description }]: readonly [string, Fields]) => ({
  name,
  value: value ?? "",
  description: description ?? "",
})

const unsaid = {
  description: "",
  required: false,
  default: null,
  choices: [],
  min: null,
  max: null,
  variable: null,
} as const

const optionOf = ([name, given]: readonly [string, Fields]) => ({ label: name, ...unsaid, ...given, name })

/** The object that a file holds, or that it holds none. */
export const readObject = (
  text: string,
  path: string,
):
  | { readonly fields: Fields; readonly issues: null }
  | { readonly fields: null; readonly issues: ReadonlyArray<FileIssue> } => {
  try {
    const fields: unknown = JSON.parse(text)
    return isFields(fields)
      ? { fields, issues: null }
      : { fields: null, issues: [{ path, message: "it is not an object" }] }
  } catch {
    return { fields: null, issues: [{ path, message: "it is not JSON" }] }
  }
}

/** What a request is made from, unchecked; null with a word of why when it is no `template.json` at all. */
export const readTemplateFile = (text: string) => {
  const issues: Array<FileIssue> = []
  const { fields, issues: none } = readObject(text, "template.json")
  if (fields === null) return { issues: none }
  const { name, icon, environment, options, version: _, ...rest } = fields
  const definition = {
    healthPath: null,
    ...rest,
    environment: entriesOf("environment", environment, issues).map(variableOf),
    options: entriesOf("options", options, issues).map(optionOf),
  }
  return issues.length > 0 ? { issues } : { issues: null, name, icon, definition }
}
