import { parseDocument } from "yaml"

const columnsMax = 40
const nestingMax = 60

/**
 * The parser's time grows with the square of some things that only the hostile write (100 kB of `? ? ?` take minutes):
 * marks in a row, deep nesting by brackets or by indentation. What package managers write has none of them.
 */
const isPlain = (text: string): boolean => {
  if (/(?:(?:^|\s)[?&*!-][^\s]{0,80}){6}/.test(text)) return false
  if (new RegExp(`^[ ]{${columnsMax}}|\\t`, "m").test(text)) return false
  let nesting = 0
  for (const character of text) {
    if (character === "[" || character === "{") nesting++
    else if (character === "]" || character === "}") nesting--
    if (nesting > nestingMax) return false
  }
  return true
}

/** A YAML document as plain data, or the line at which it is none. Aliases are refused. */
export const parsePlainYaml = (text: string): { readonly value: unknown } | { readonly line: number } => {
  if (!isPlain(text)) return { line: 1 }
  const document = parseDocument(text, { schema: "core", logLevel: "silent", uniqueKeys: false })
  const [error] = document.errors
  if (error !== undefined) return { line: error.linePos?.[0].line ?? 1 }
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) }
  } catch {
    return { line: 1 }
  }
}
