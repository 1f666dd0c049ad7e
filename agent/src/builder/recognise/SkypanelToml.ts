import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { type Kind, notRecognised } from "./Recognised.ts"
import { findMistake } from "./SkypanelRules.ts"
import { parseToml } from "./Toml.ts"

/** What a repository says about itself in its `skypanel.toml`; what it leaves to us is missing. */
export interface SkypanelToml {
  readonly build?: {
    readonly path?: string
    readonly kind?: Kind
    readonly command?: string
    readonly node?: string
    readonly packages?: "lock" | "set"
  }
  readonly start?: { readonly command?: string; readonly process?: string }
  readonly processes?: Readonly<Record<string, string>>
  readonly dockerfile?: { readonly file?: string; readonly target?: string }
  readonly arguments?: Readonly<Record<string, string>>
  readonly static?: { readonly folder?: string; readonly fallback?: string }
}

export const skypanelToml = "skypanel.toml"
const textMax = 64 * 1024

/** The line of a table, or of a key in it: a parsed document does not remember them. */
export const lineOf = (text: string, table: string, key: string | null): number => {
  const wanted = key === null ? table : `${table}.${key}`
  let current = ""
  let nearest = 1
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[+\s*([\w".-]+)/.exec(line)?.[1]?.replaceAll('"', "")
    const name = /^\s*("[^"]*"|[\w".-]+)\s*=/.exec(line)?.[1]?.replaceAll('"', "")
    if (header !== undefined) current = header
    else if (name === undefined) continue
    const path = header ?? (current === "" ? name! : `${current}.${name}`)
    if (path === wanted || (key === null && path.startsWith(`${table}.`))) return index + 1
    // A table on one line: `build = { path = "x" }`.
    if (path === table) nearest = index + 1
  }
  return nearest
}

const refuse = (line: number, what: string, next: string) =>
  Result.fail(notRecognised(`${skypanelToml}, line ${line}: ${what}.`, next, skypanelToml, line))

/** The file's text as what it means, or the line that is wrong. */
export const parseSkypanelToml = (text: string): Result.Result<SkypanelToml, BuildFailed> => {
  if (text.length > textMax)
    return refuse(1, `it is longer than ${textMax / 1024} KiB`, "Keep in it only what overrides something.")
  return Result.flatMap(parseToml(text, skypanelToml), (document) => {
    const mistake = findMistake(document)
    if (mistake === null) return Result.succeed(document as SkypanelToml)
    return refuse(lineOf(text, mistake.table, mistake.key), mistake.title, mistake.next)
  })
}
