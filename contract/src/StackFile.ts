import { gitSource, type Source } from "./Source.ts"
import type { StackPart } from "./Stack.ts"
import type { StackDefinition } from "./StackTemplate.ts"
import { type FileIssue, isBeside, isFields, readObject } from "./TemplateFile.ts"

/** A `stack.json`: services are named by their keys, what each is made of stands in it by a short name. */

const sourceNames = ["template", "git", "image", "expression", "expressionFile"] as const
/** What may be said besides, of each. */
const fieldsBeside: Readonly<Record<(typeof sourceNames)[number], ReadonlyArray<string>>> = {
  template: ["version", "owner", "options"],
  git: ["ref", "submodules", "lfs"],
  image: [],
  expression: [],
  expressionFile: [],
}
const sourceFields: ReadonlyArray<string> = [...sourceNames, ...Object.values(fieldsBeside).flat()]

const given = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const expressionIn = (text: unknown) => ({
  _tag: "expression",
  expression: Array.isArray(text) && text.every((line) => typeof line === "string") ? text.join("\n") : text,
})

type Part = Readonly<Record<string, unknown>>

/** Names of the files that services have their expressions in. */
export const filesOfStack = (text: string): ReadonlyArray<string> => {
  const { fields } = readObject(text, "stack.json")
  const services = fields !== null && isFields(fields.services) ? Object.values(fields.services) : []
  return services.flatMap((part) =>
    isFields(part) && isBeside(part.expressionFile) ? [part.expressionFile] : [],
  )
}

const readSource = (
  part: Part,
  files: ReadonlyMap<string, string>,
): { readonly source: object } | { readonly field?: string; readonly message: string } => {
  const { template, version, owner, options, git, ref = null, submodules, lfs } = part
  const { image, expression, expressionFile } = part
  const named = sourceNames.filter((name) => part[name] !== undefined)
  if (named.length !== 1) return { message: `say what it is made of, by one of ${sourceNames.join(", ")}` }
  const stray = sourceNames
    .filter((name) => name !== named[0])
    .flatMap((name) => fieldsBeside[name].map((field) => ({ field, message: `that is for \`${name}\`` })))
    .find(({ field }) => part[field] !== undefined)
  if (stray !== undefined) return stray
  switch (named[0]!) {
    case "template":
      return { source: given({ _tag: "template", template, version, owner, options }) }
    case "git":
      return { source: given({ _tag: "git", url: git, ref, submodules, lfs }) }
    case "image":
      return { source: { _tag: "image", reference: image } }
    case "expression":
      return { source: expressionIn(expression) }
    case "expressionFile": {
      const text = typeof expressionFile === "string" ? files.get(expressionFile) : undefined
      return text === undefined
        ? { message: "`skypanel stacks add` reads a file beside stack.json; here, write it as `expression`" }
        : { source: expressionIn(text) }
    }
  }
}

const readPart = (part: Part, files: ReadonlyMap<string, string>) => {
  const read = readSource(part, files)
  if ("message" in read) return read
  const rest = Object.entries(part).filter(([field]) => !sourceFields.includes(field))
  return { part: { ...Object.fromEntries(rest), source: read.source } }
}

/** What a request is made from, unchecked; with the places of what is no `stack.json` at all. */
export const readStackFile = (text: string, files: ReadonlyMap<string, string> = new Map()) => {
  const { fields, issues: none } = readObject(text, "stack.json")
  if (fields === null) return { issues: none }
  const { name, icon, version, services, ...about } = fields
  if (!isFields(services) || !Object.values(services).every(isFields))
    return { issues: [{ path: "services", message: "write an object with an object for each service" }] }
  const issues: Array<FileIssue> = []
  const parts = Object.entries(services).map(([key, part]) => {
    const read = readPart(part as Part, files)
    if ("message" in read) {
      const { field, message } = read
      issues.push({ path: ["services", key, ...(field === undefined ? [] : [field])].join("."), message })
    }
    return [key, "part" in read ? read.part : {}] as const
  })
  if (issues.length > 0) return { issues }
  return { issues: null, name, icon, version, definition: { ...about, services: Object.fromEntries(parts) } }
}

const writeSource = (source: Source): object => {
  switch (source._tag) {
    case "template": {
      const { _tag: _, ...named } = source
      return Object.keys(named.options ?? {}).length === 0 ? { ...named, options: undefined } : named
    }
    case "git": {
      const { url, ref, submodules, lfs } = gitSource(source)
      return { git: url, ref: ref ?? undefined, submodules, lfs }
    }
    case "image":
      return { image: source.reference }
    case "expression": {
      const lines = source.expression.split("\n")
      return { expression: lines.length === 1 ? source.expression : lines }
    }
    case "folder":
      return {}
  }
}

/** What goes without saying is left out. */
const writePart = ({ key: _, source, title, ...part }: StackPart): object =>
  given({
    title,
    ...writeSource(source),
    ...part,
    public: part.public || undefined,
    replicas: part.replicas === 1 ? undefined : part.replicas,
    volume: part.volume ?? undefined,
    environment: Object.keys(part.environment).length === 0 ? undefined : part.environment,
    secrets: part.secrets.length === 0 ? undefined : part.secrets,
    needs: part.needs.length === 0 ? undefined : part.needs,
  })

/** The text for a version, to be changed. The icon has a place of its own. */
export const writeStackFile = (name: string, { title, description, services }: StackDefinition): string => {
  const parts = Object.fromEntries(services.map((part) => [part.key, writePart(part)]))
  return `${JSON.stringify({ name, title, description, services: parts }, null, 2)}\n`
}
