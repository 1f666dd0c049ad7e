const replaced = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (found) => (found.startsWith('"') ? found : ""))

/**
 * JSON with comments, and with commas after the last of a list, as JSON; what stands in quotes, also without an
 * end, is left alone.
 */
export const plainJson = (text: string): string =>
  replaced(
    replaced(text, /"(?:[^"\\]+|\\[\s\S])*(?:"|\\?$)|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g),
    /"(?:[^"\\]+|\\[\s\S])*(?:"|\\?$)|,(?=\s{0,200}[}\]])/g,
  )
