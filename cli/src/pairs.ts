import type { Issue } from "./checked.ts"

/** Reads the `NAME=value` of a flag or an argument, in order; what is none becomes an issue. */
export const readPairs = (
  path: string,
  texts: ReadonlyArray<string>,
  issues: Array<Issue>,
): ReadonlyArray<readonly [name: string, value: string]> =>
  texts.flatMap((text) => {
    const equals = text.indexOf("=")
    if (equals >= 1) return [[text.slice(0, equals), text.slice(equals + 1)] as const]
    issues.push({ path, message: `write NAME=value, not ${JSON.stringify(text.slice(0, 80))}` })
    return []
  })
