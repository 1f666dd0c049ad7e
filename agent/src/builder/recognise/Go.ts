import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { type Learns, lockDigest } from "../learn/Learns.ts"
import { type GoMod, parseGoMod } from "./go/GoMod.ts"
import { type GoFile, parseGoSum } from "./go/GoSum.ts"
import type { Language } from "./Language.ts"
import { LockProblem } from "./lock/Locked.ts"
import { notRecognised, seen, type View } from "./Recognised.ts"

/** Where its modules come from: what was seen, and what is fetched. */
interface Modules {
  readonly reason: string
  readonly learns: ReadonlyArray<Learns>
}

const refused = (line: number, title: string, next: string) =>
  Result.fail(notRecognised(`go.mod, line ${line}: ${title}`, next, "go.mod", line))

const filesOf = (text: string): Result.Result<ReadonlyArray<GoFile>, BuildFailed> =>
  Result.try({
    try: () => parseGoSum({ file: "go.sum", text, registry: "", cpu: "" }),
    catch: (error) => {
      if (error instanceof LockProblem) return error.failure
      throw error
    },
  })

const modulesOf = (tree: View, { required, folders }: GoMod): Result.Result<Modules, BuildFailed> => {
  if (tree.has("vendor/")) return Result.succeed({ reason: seen("vendor", "its dependencies"), learns: [] })
  const outside = folders.find(({ folder }) => folder.startsWith("..") || folder.startsWith("/"))
  if (outside !== undefined)
    return refused(
      outside.line,
      `the folder ${outside.folder.slice(0, 200)} is not in the folder that is built.`,
      "Build a folder that has both, or commit vendor/ (`go mod vendor`).",
    )
  const [first] = required
  if (first === undefined)
    return Result.succeed({ reason: seen("no `require`", "no dependencies"), learns: [] })
  const text = tree.text("go.sum")
  if (text === undefined)
    return refused(
      first.line,
      tree.has("go.sum")
        ? "it requires modules, and its go.sum is larger than 4 MiB."
        : "it requires modules, and there is neither a go.sum nor a vendor folder.",
      "Run `go mod tidy` and commit go.sum; or run `go mod vendor` and commit vendor/.",
    )
  return Result.map(filesOf(text), (files) => {
    const count = files.filter(({ kind }) => kind === "zip").length
    const learns = {
      kind: "go-modules",
      subject: "go.sum",
      lock: lockDigest(text),
      name: "go-modules",
      files,
    } as const
    return { reason: seen("go.sum", `${count} ${count === 1 ? "module" : "modules"}`), learns: [learns] }
  })
}

/** A Go module: its `vendor` folder, the modules of its go.sum, or no dependencies. */
export const go: Language = {
  kind: "go",
  looksFor: "go.mod",
  recognise: ({ tree, folder, wishes }) => {
    const text = tree.text("go.mod")
    if (text === undefined) return null
    const module = parseGoMod(text)
    return Result.map(modulesOf(tree, module), ({ reason, learns }) => ({
      kind: "go" as const,
      folder,
      reasoning: [
        seen(
          "go.mod",
          module.version === null ? "a Go module" : `a Go module for Go ${module.version.slice(0, 20)}`,
        ),
        reason,
        ...wishes.reasoning,
        ...(wishes.start === null ? [seen("nothing says how it starts", "its one program is started")] : []),
      ],
      settings: { start: wishes.start, isChecked: !tree.has("vendor/") },
      learns,
    }))
  },
}
