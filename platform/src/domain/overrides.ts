import type { Overrides } from "@skypanel/contract/Overrides"
import type { Source } from "@skypanel/contract/Source"

const overridesOf = (source: Source | null): Overrides | undefined =>
  source !== null && "overrides" in source ? source.overrides : undefined

const saysNothing = (overrides: Overrides) =>
  Object.values(overrides).every((table) => Object.keys(table).length === 0)

/**
 * The source with the overrides that it has from now on: its own, else those of the source before. A push and an upload
 * know nothing of them. Empty ones are none, so that equal sources are equal.
 */
export const withOverrides = (source: Source, before: Source | null): Source => {
  if (source._tag !== "git" && source._tag !== "folder") return source
  const { overrides: own, ...rest } = source
  const overrides = own ?? overridesOf(before)
  return overrides === undefined || saysNothing(overrides) ? rest : { ...rest, overrides }
}
