import { parseDocument } from "yaml"
import { isRecord } from "../PackageJson.ts"
import { type LockSource, problem } from "./Locked.ts"

/** A YAML document that is a mapping. Aliases are refused: nobody who writes these files needs them. */
export const parseYamlLock = (source: LockSource, manager: string): Readonly<Record<string, unknown>> => {
  const next = `Make it again with \`${manager} install\`.`
  const document = parseDocument(source.text, { schema: "core", logLevel: "silent" })
  const [error] = document.errors
  if (error !== undefined) throw problem(source, error.linePos?.[0].line ?? 1, "it is not valid YAML", next)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 })
  } catch {
    throw problem(source, 1, "it has aliases", next)
  }
  if (isRecord(value)) return value
  throw problem(source, 1, `it is not a lock file of ${manager}`, next)
}
