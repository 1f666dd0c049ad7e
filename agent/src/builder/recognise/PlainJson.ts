const replaced = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (found) => (found.startsWith('"') ? found : ""))

/** JSON with comments, and with commas after the last of a list, as JSON; what stands in quotes is left alone. */
export const plainJson = (text: string): string =>
  replaced(
    replaced(text, /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g),
    /"(?:[^"\\]|\\.)*"|,(?=\s{0,200}[}\]])/g,
  )
