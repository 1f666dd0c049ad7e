import { type Overrides, overrideEntries, overrideKeys, overridesOf } from "@skypanel/contract/Overrides"
import type { Source } from "@skypanel/contract/Source"

/** What was typed, by key; `arguments` has `NAME=value` in each of its lines. */
export interface OverrideForm {
  readonly overrides: Readonly<Record<string, string>>
}

export const noOverrides: OverrideForm = { overrides: {} }

export const takesOverrides = (source: Source): source is Extract<Source, { _tag: "git" | "folder" }> =>
  source._tag === "git" || source._tag === "folder"

const prefix = "arguments."

export const overrideFields = (source: Source): OverrideForm => {
  if (!takesOverrides(source)) return noOverrides
  const entries = overrideEntries(source.overrides ?? {})
  const lines = entries.flatMap(([key, value]) =>
    key.startsWith(prefix) ? [`${key.slice(prefix.length)}=${value}`] : [],
  )
  return {
    overrides: {
      ...Object.fromEntries(entries.filter(([key]) => !key.startsWith(prefix))),
      ...(lines.length > 0 && { arguments: lines.join("\n") }),
    },
  }
}

const argumentsIn = (text: string) =>
  text.split("\n").flatMap((line): ReadonlyArray<readonly [string, string]> => {
    const equals = line.indexOf("=")
    if (line.trim() === "") return []
    return equals < 0
      ? [[`${prefix}${line.trim()}`, ""]]
      : [[`${prefix}${line.slice(0, equals).trim()}`, line.slice(equals + 1)]]
  })

/** What the fields say; of a field that is empty the repository decides. */
export const overridesIn = ({ overrides }: OverrideForm): Overrides =>
  overridesOf([
    ...overrideKeys.map((key) => [key, overrides[key]?.trim() ?? ""] as const),
    ...argumentsIn(overrides.arguments ?? ""),
  ])

/** The source with what the fields say. Where they say nothing any more, that is said, too. */
export const withOverrides = (source: Source, form: OverrideForm, before: Source | null = null): Source => {
  if (!takesOverrides(source)) return source
  const { overrides: _, ...rest } = source
  const overrides = overridesIn(form)
  const hadSome = before !== null && takesOverrides(before) && before.overrides !== undefined
  return Object.keys(overrides).length > 0 || hadSome ? { ...rest, overrides } : rest
}
