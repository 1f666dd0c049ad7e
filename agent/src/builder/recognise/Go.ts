import { Result } from "effect"
import type { Language } from "./Language.ts"
import { notRecognised, seen } from "./Recognised.ts"

const goVersion = /^go[ \t]+(\d[\w.]{0,20})/m
const requires = /^require[ \t(]/m

/** A Go module: its `vendor` folder, or no dependencies. */
export const go: Language = {
  kind: "go",
  looksFor: "go.mod",
  recognise: ({ tree, folder, wishes }) => {
    const text = tree.text("go.mod")
    if (text === undefined) return null
    const isVendored = tree.has("vendor/")
    const required = requires.exec(text)
    if (required !== null && !isVendored) {
      const line = text.slice(0, required.index).split("\n").length
      return Result.fail(
        notRecognised(
          `go.mod, line ${line}: it requires modules, and there is no vendor folder.`,
          "Run `go mod vendor` and commit vendor/.",
          "go.mod",
          line,
        ),
      )
    }
    const version = goVersion.exec(text)?.[1]
    return Result.succeed({
      kind: "go",
      folder,
      reasoning: [
        seen("go.mod", version === undefined ? "a Go module" : `a Go module for Go ${version}`),
        isVendored ? seen("vendor", "its dependencies") : seen("no `require`", "no dependencies"),
        ...wishes.reasoning,
        ...(wishes.start === null ? [seen("nothing says how it starts", "its one program is started")] : []),
      ],
      settings: { start: wishes.start },
    })
  },
}
