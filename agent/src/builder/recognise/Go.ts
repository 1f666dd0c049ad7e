import { Result } from "effect"
import { type Language, seen } from "./Recognised.ts"

const goVersion = /^go[ \t]+(\d[\w.]{0,20})/m
const requires = /^require[ \t(]/m

/** A Go module: its `vendor` folder, or no dependencies. */
export const go: Language = {
  kind: "go",
  looksFor: "go.mod",
  recognise: ({ tree, folder, wishes }) => {
    const text = tree.text("go.mod")
    if (text === undefined) return null
    const version = goVersion.exec(text)?.[1]
    return Result.succeed({
      kind: "go",
      folder,
      reasoning: [
        seen("go.mod", version === undefined ? "a Go module" : `a Go module for Go ${version}`),
        ...(tree.has("vendor/modules.txt") ? [seen("vendor/modules.txt", "its dependencies")] : []),
        ...(requires.test(text) || tree.has("vendor/modules.txt")
          ? []
          : [seen("no `require`", "no dependencies")]),
        ...wishes.reasoning,
        ...(wishes.start === null ? [seen("nothing says how it starts", "its one program is started")] : []),
      ],
      settings: { start: wishes.start },
    })
  },
}
