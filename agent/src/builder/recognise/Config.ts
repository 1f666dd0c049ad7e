import type { Overrides } from "@skypanel/contract/Overrides"
import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { notRecognised } from "./Recognised.ts"
import { findMistake } from "./SkypanelRules.ts"
import { lineOf, parseSkypanelToml, type SkypanelToml, skypanelToml } from "./SkypanelToml.ts"

/** What is asked for instead of what would be recognised: by the service, and before that by its repository. */
export interface Config {
  readonly values: SkypanelToml
  /** Who asks for it, for the reasoning. */
  readonly by: (table: string, key?: string) => string
  /** What is wrong with it; of the repository's with its line. */
  readonly refuse: (
    table: string,
    key: string | null,
    what: string,
    next: string,
    detail?: string,
  ) => BuildFailed
}

const isOf = (config: SkypanelToml, table: string, key: string | null): boolean => {
  const values = (config as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>)[table]
  return values !== undefined && (key === null ? Object.keys(values).length > 0 : Object.hasOwn(values, key))
}

/** How it is started is one thing, whichever key says it. */
const merged = (file: SkypanelToml, service: SkypanelToml): SkypanelToml => ({
  ...file,
  ...service,
  build: { ...file.build, ...service.build },
  static: { ...file.static, ...service.static },
  dockerfile: { ...file.dockerfile, ...service.dockerfile },
  arguments: { ...file.arguments, ...service.arguments },
  start: isOf(service, "start", null) ? service.start! : (file.start ?? {}),
})

const fromService = "the service's own settings"

/** The repository's `skypanel.toml`, whose text is `text`, behind what the service says itself. */
export const configOf = (text: string, overrides: Overrides): Result.Result<Config, BuildFailed> => {
  const service = overrides as SkypanelToml
  const mistake = findMistake(service as Readonly<Record<string, unknown>>)
  if (mistake !== null) return Result.fail(notRecognised(`In ${fromService} ${mistake.title}.`, mistake.next))
  return Result.map(
    parseSkypanelToml(text),
    (file): Config => ({
      values: merged(file, service),
      by: (table, key) =>
        `${isOf(service, table, key ?? null) ? fromService : skypanelToml}, [${table}]${key === undefined ? "" : ` ${key}`}`,
      refuse: (table, key, what, next, detail = "") => {
        if (isOf(service, table, key))
          return notRecognised(`In ${fromService}, [${table}]: ${what}.`, next, null, 1, detail)
        const line = lineOf(text, table, key)
        return notRecognised(`${skypanelToml}, line ${line}: ${what}.`, next, skypanelToml, line, detail)
      },
    }),
  )
}
