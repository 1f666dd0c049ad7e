/** An assignment of the file. */
export interface Assignment {
  readonly name: string
  readonly value: string
}

export interface ParsedEnvironment {
  readonly variables: ReadonlyArray<Assignment>
  /** Lines that are no assignment, counted from 1. */
  readonly refused: ReadonlyArray<{ readonly line: number; readonly text: string }>
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t" }

/** Reads a double-quoted value from just after its quote; it may run over several lines. */
const readDouble = (text: string, from: number): { value: string; end: number } | null => {
  let value = ""
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]!
    if (char === '"') return { value, end: at + 1 }
    if (char === "\\" && at + 1 < text.length) {
      at += 1
      value += escapes[text[at]!] ?? text[at]!
    } else value += char
  }
  return null
}

const readSingle = (text: string, from: number): { value: string; end: number } | null => {
  const end = text.indexOf("'", from)
  return end < 0 ? null : { value: text.slice(from, end), end: end + 1 }
}

/**
 * Reads the usual form of a `.env` file: `NAME=value`, `export NAME=value`, comments, single quotes as they are,
 * double quotes with escapes and line ends. Nothing is expanded. A later assignment of a name wins.
 */
export const parseEnvironment = (input: string): ParsedEnvironment => {
  const text = input.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n")
  const variables = new Map<string, string>()
  const refused: { line: number; text: string }[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const lineEnd = endOfLine(text, at)
    const row = text.slice(at, lineEnd)
    let next = lineEnd + 1
    if (/^\s*(?:#.*)?$/.test(row)) {
      // blank or comment
    } else {
      const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=[^\S\n]*/.exec(row)
      const start = at + (match?.[0].length ?? 0)
      const quote = text[start]
      const quoted =
        match && quote === '"'
          ? readDouble(text, start + 1)
          : match && quote === "'"
            ? readSingle(text, start + 1)
            : null
      if (!match || ((quote === '"' || quote === "'") && quoted === null))
        refused.push({ line, text: row.trim() })
      else if (quoted) {
        variables.set(match[1]!, quoted.value)
        next = endOfLine(text, quoted.end) + 1
      } else
        variables.set(
          match[1]!,
          text
            .slice(start, lineEnd)
            .replace(/(?:^|\s+)#.*$/, "")
            .trimEnd(),
        )
    }
    line += text.slice(at, next).split("\n").length - 1
    at = next
  }
  return { variables: [...variables].map(([name, value]) => ({ name, value })), refused }
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf("\n", from)
  return end < 0 ? text.length : end
}
