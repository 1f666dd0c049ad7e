import { CORE_SCHEMA, load, YAMLException } from "js-yaml"

const nestingMax = 60

/**
 * A YAML document as plain data, or the line at which it is none. Aliases are refused. The parser's time grows with the
 * text alone, whatever is in it (4 MiB take less than a second): it stops at the first mistake and at deep nesting.
 */
export const parsePlainYaml = (text: string): { readonly value: unknown } | { readonly line: number } => {
  try {
    return { value: load(text, { schema: CORE_SCHEMA, json: true, maxDepth: nestingMax, maxAliases: 0 }) }
  } catch (error) {
    // It counts from 0. Whatever else it throws is about the document, too.
    return { line: error instanceof YAMLException ? (error.mark?.line ?? 0) + 1 : 1 }
  }
}
