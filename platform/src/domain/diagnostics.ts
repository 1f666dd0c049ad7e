import type { Diagnostic } from "@skypanel/contract/Check"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { Source } from "@skypanel/contract/Source"

/** As the builder calls what was written in the editor. */
const expressionFile = "expression.nix"
const word = /[A-Za-z_][A-Za-z0-9_'-]*/y

interface Span {
  readonly column: number
  readonly endColumn: number
}

const wordAt = (text: string, at: number): Span | null => {
  word.lastIndex = at
  const found = word.exec(text)
  return found === null ? null : { column: at + 1, endColumn: word.lastIndex + 1 }
}

/**
 * Of a name that was not found: Nix 2.8 points at the beginning of `pkgs.helo`, newer ones at the name itself. The
 * column counts bytes there, and letters here.
 */
const spanOf = (text: string, column: number, name: string | null): Span => {
  const at = Buffer.from(text)
    .subarray(0, column - 1)
    .toString().length
  if (name !== null) {
    for (let from = text.indexOf(name, at); from >= 0; from = text.indexOf(name, from + 1)) {
      const before = text[from - 1] ?? " "
      const whole = wordAt(text, from)
      if (whole?.endColumn === from + 1 + name.length && !/[A-Za-z0-9_'-]/.test(before)) return whole
    }
  }
  return wordAt(text, at) ?? { column: at + 1, endColumn: at + 2 }
}

/** The failure of an evaluation as an editor shows it: with the stretch of text that it is about. */
export const diagnosticOf = (failure: DeploymentFailure, source: Source): Diagnostic => {
  const { code, title, detail, next, location, suggestions = [] } = failure
  const told = { code, message: title, detail, next, suggestions }
  if (location === null) return { ...told, place: null }
  const { file, line, column } = location
  if (source._tag !== "expression" || file !== expressionFile)
    return { ...told, place: { file, line, column, endColumn: column + 1 } }
  const text = source.expression.split("\n")[line - 1] ?? ""
  const name = code === "evaluation-undefined" ? (/“([^”]+)”/.exec(title)?.[1] ?? null) : null
  const last = name?.split(".").at(-1) ?? null
  return { ...told, place: { file, line, ...spanOf(text, column, last) } }
}
