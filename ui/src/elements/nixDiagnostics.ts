import { syntaxTree } from "@codemirror/language"
import { linter, type Diagnostic as Mark } from "@codemirror/lint"
import type { EditorState, Extension } from "@codemirror/state"
import type { Diagnostic } from "@skypanel/contract/Check"
import type { Checked } from "../app/SourceCheck.ts"

const mostErrors = 5
const pauseMs = 300

/** Where the editor's own parser lost its way; whether it means something, only Nix can tell. */
const syntaxErrors = (state: EditorState): Mark[] => {
  const found: Mark[] = []
  syntaxTree(state).iterate({
    enter: (node) => {
      if (!node.type.isError || found.length >= mostErrors) return
      const to = Math.min(state.doc.length, Math.max(node.to, node.from + 1))
      const from = Math.min(node.from, to)
      found.push({ from, to, severity: "error", message: "This is not Nix syntax." })
    },
  })
  return found
}

const markOf = ({ doc }: EditorState, { message, next, place, suggestions }: Diagnostic): Mark | null => {
  if (place === null || place.line > doc.lines) return null
  const line = doc.line(place.line)
  const at = (column: number) => Math.min(line.from + column - 1, line.to)
  const [from, to] = [at(place.column), at(place.endColumn)]
  return {
    // A mistake at the end of a line marks the letter before it.
    from: from === to && from > line.from ? from - 1 : from,
    to,
    severity: "error",
    message: `${message} ${next}`.trim(),
    actions: suggestions.map((name) => ({
      name,
      apply: (view, from, to) => view.dispatch({ changes: { from, to, insert: name } }),
    })),
  }
}

/** What the builder found, as long as the text is the one that it looked at; until then the parser's own errors. */
export const nixDiagnostics = (checked: () => Checked | null): Extension => {
  let shown: Checked | null = null
  return linter(
    ({ state }) => {
      shown = checked()
      return shown !== null && shown.text === state.doc.toString()
        ? shown.diagnostics.flatMap((found) => markOf(state, found) ?? [])
        : syntaxErrors(state)
    },
    { delay: pauseMs, needsRefresh: () => checked() !== shown },
  )
}
