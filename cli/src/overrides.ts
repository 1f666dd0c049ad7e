import { overrideEntries, overrideKeys, overridesOf } from "@skypanel/contract/Overrides"
import type { Source } from "@skypanel/contract/Source"
import type { Issue } from "./checked.ts"
import { readPairs } from "./pairs.ts"

const flag = "--override"

/** A command and a process are two ways to say how it starts: whoever says one means no other. */
const excluded: Readonly<Record<string, string>> = {
  "start.command": "start.process",
  "start.process": "start.command",
}

const isKnown = (key: string) => overrideKeys.some((each) => each === key) || /^arguments\../.test(key)

/** The source with what `KEY=VALUE` says of it, besides what it said; an empty value takes one back. */
export const withOverrides = (
  source: Source | null,
  before: Source | null,
  texts: ReadonlyArray<string>,
  issues: Array<Issue>,
): Source | null => {
  const given = source ?? before
  if (texts.length === 0 || given === null) return source
  if (given._tag !== "git" && given._tag !== "folder") {
    issues.push({ path: flag, message: "only repositories and folders are built by what it says" })
    return source
  }
  const own = given.overrides ?? (before !== null && "overrides" in before ? before.overrides : undefined)
  const entries = new Map(overrideEntries(own ?? {}))
  for (const [key, value] of readPairs(flag, texts, issues)) {
    if (!isKnown(key))
      issues.push({
        path: flag,
        message: `there is no ${JSON.stringify(key.slice(0, 80))}; there are ${overrideKeys.join(", ")} and arguments.NAME`,
      })
    entries.delete(excluded[key] ?? "")
    if (value === "") entries.delete(key)
    else entries.set(key, value)
  }
  return { ...given, overrides: overridesOf(entries) }
}
