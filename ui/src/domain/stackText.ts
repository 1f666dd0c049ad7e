import { readStackFile } from "@skypanel/contract/StackFile"
import type { FieldIssue } from "./serviceForm.ts"

/** A `stack.json` as it is typed. */

/** What stands at a place, and in which line; null: the text does not say. */
export interface PlacedIssue extends FieldIssue {
  readonly line: number | null
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The line in which the names of a path stand, one after the other, as far as they do. */
const lineOf = (text: string, path: string): number | null => {
  let at = 0
  for (const name of path.split(".")) {
    const found = new RegExp(`"${escaped(name)}"\\s*:`, "g")
    found.lastIndex = at
    const match = found.exec(text)
    if (match !== null) at = match.index + match[0].length
  }
  return at === 0 ? null : text.slice(0, at).split("\n").length
}

/** Names as the file has them, which says what a service is made of by one short name. */
const fileNames: readonly (readonly [RegExp, string])[] = [
  [/^definition\./, ""],
  [/^(services\.[^.]+)\.source\.reference$/, "$1.image"],
  [/^(services\.[^.]+)\.source\.url$/, "$1.git"],
  [/^(services\.[^.]+)\.source\.(?=.)/, "$1."],
]

/** What is wrong, at its place in the text. */
export const placedIssues = (text: string, issues: readonly FieldIssue[]): readonly PlacedIssue[] =>
  issues.map(({ path: given, message }) => {
    const path = fileNames.reduce((name, [from, to]) => name.replace(from, to), given)
    return { path, message, line: lineOf(text, path) }
  })

/** The request that the text makes, unchecked, or why it makes none. */
export const readStackText = (text: string, icon: string, everyone: boolean) => {
  const read = readStackFile(text)
  if (read.issues !== null) return { issues: placedIssues(text, read.issues) }
  const { name, definition } = read
  return { issues: null, request: { name, everyone, definition: { ...definition, icon } } }
}

/** A service in the picture of a stack that is not deployed. */
export interface DrawnPart {
  readonly key: string
  readonly title: string
  readonly needs: readonly string[]
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : []

/** Each after those that it needs, as far as they do not need each other in a circle. */
const inOrder = (parts: readonly DrawnPart[]): readonly DrawnPart[] => {
  const ordered: DrawnPart[] = []
  let rest = parts
  while (rest.length > 0) {
    const isReady = ({ needs }: DrawnPart) => !rest.some(({ key }) => needs.includes(key))
    const ready = rest.filter(isReady)
    ordered.push(...(ready.length === 0 ? rest : ready))
    rest = ready.length === 0 ? [] : rest.filter((part) => !isReady(part))
  }
  return ordered
}

/** The services that the text names; null: it cannot be read now. */
export const partsInText = (text: string): readonly DrawnPart[] | null => {
  let services: unknown
  try {
    services = (JSON.parse(text) as { services?: unknown } | null)?.services
  } catch {
    return null
  }
  if (typeof services !== "object" || services === null || Array.isArray(services)) return null
  return inOrder(
    Object.entries(services as Record<string, { title?: unknown; needs?: unknown } | null>).map(
      ([key, part]) => ({
        key,
        title: typeof part?.title === "string" ? part.title : "",
        needs: strings(part?.needs),
      }),
    ),
  )
}
