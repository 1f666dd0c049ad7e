import { posix } from "node:path"
import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { type Learns, lockDigest } from "../learn/Learns.ts"
import { type GoMod, parseGoMod } from "./go/GoMod.ts"
import { parseGoSums } from "./go/GoSum.ts"
import { type GoWork, workOf } from "./go/GoWork.ts"
import type { Language, Sight } from "./Language.ts"
import { LockProblem, type LockSource } from "./lock/Locked.ts"
import { below, fileIn, isWithin } from "./Place.ts"
import { noStart, notRecognised, seen, type View } from "./Recognised.ts"

/** A module of the repository. */
interface Module {
  readonly folder: string
  readonly mod: GoMod
}

/** What is built together: the modules of a go.work, or one alone. */
interface Scope {
  readonly place: string
  readonly work: GoWork | null
  readonly modules: ReadonlyArray<Module>
}

/** Where modules of others come from: what was seen, and what is fetched. */
interface Dependencies {
  readonly reason: string
  readonly learns: ReadonlyArray<Learns>
}

const refused = (file: string, line: number, title: string, next: string) =>
  Result.fail(notRecognised(`${file}, line ${line}: ${title}`, next, file, line))

const readSums = (sums: ReadonlyArray<LockSource>, work: GoWork | null) =>
  Result.try({
    try: (): Dependencies => {
      const files = parseGoSums(sums)
      const count = files.filter(({ kind }) => kind === "zip").length
      const subject = work === null ? "go.sum" : "go.work"
      const text = work === null ? sums[0]!.text : sums.map((sum) => `${sum.file}\n${sum.text}`).join("\n")
      const learns = {
        kind: "go-modules",
        subject,
        lock: lockDigest(text),
        name: "go-modules",
        files,
      } as const
      const names = sums.map(({ file }) => file).join(", ")
      return { reason: seen(names, `${count} ${count === 1 ? "module" : "modules"}`), learns: [learns] }
    },
    catch: (error) => {
      if (error instanceof LockProblem) return error.failure
      throw error
    },
  })

const leadsOut = (path: string, place: string) => /^\.\.(?:\/|$)/.test(path) || !isWithin(path, place)

const dependenciesOf = (
  top: View,
  { place, work, modules }: Scope,
): Result.Result<Dependencies, BuildFailed> => {
  if (top.has(fileIn(place, "vendor/")))
    return Result.succeed({ reason: seen("vendor", "its dependencies"), learns: [] })
  for (const { folder: module, mod } of modules)
    for (const { folder, line } of mod.folders)
      if (folder.startsWith("/") || leadsOut(posix.join(module, folder), place))
        return refused(
          fileIn(module, "go.mod"),
          line,
          `the folder ${folder.slice(0, 200)} is not in the folder that is built.`,
          "Build a folder that has both, or commit vendor/ (`go mod vendor`).",
        )
  const own = new Set(modules.map(({ mod }) => mod.path))
  const required = modules.flatMap(({ folder, mod }) =>
    mod.required.flatMap(({ path, line }) =>
      own.has(path) ? [] : [{ file: fileIn(folder, "go.mod"), line }],
    ),
  )
  const [first] = required
  if (first === undefined)
    return Result.succeed({ reason: seen("no `require`", "no dependencies"), learns: [] })
  const names = [
    ...(work === null ? [] : [fileIn(place, "go.work.sum")]),
    ...modules.map(({ folder }) => fileIn(folder, "go.sum")),
  ].filter((name) => top.has(name))
  const sums = names.flatMap((file): ReadonlyArray<LockSource> => {
    const text = top.text(file)
    return text === undefined ? [] : [{ file, text, registry: "", cpu: "" }]
  })
  if (sums.length > 0 && sums.length === names.length) return readSums(sums, work)
  return refused(
    first.file,
    first.line,
    names.length > 0
      ? "it requires modules, and its go.sum is larger than 4 MiB."
      : "it requires modules, and there is neither a go.sum nor a vendor folder.",
    "Run `go mod tidy` and commit go.sum; or run `go mod vendor` and commit vendor/.",
  )
}

const moduleIn = (top: View, folder: string): Module => ({
  folder,
  mod: parseGoMod(top.text(fileIn(folder, "go.mod")) ?? ""),
})

/** The folder of the module that is built: the folder's own, or the only one with a program where it has a go.work alone. */
const chosenOf = ({ top, tree, folder }: Sight, work: GoWork | null): Result.Result<string, BuildFailed> => {
  if (tree.has("go.mod") || work === null) return Result.succeed(folder)
  const programs = work.members.filter((member) =>
    ["main.go", "cmd/"].some((name) => top.has(fileIn(member, name))),
  )
  if (programs.length === 1) return Result.succeed(programs[0]!)
  const modules = work.members.slice(0, 10)
  return Result.fail(
    noStart(
      `This is a Go workspace with the modules ${modules.join(", ")}`,
      `Name the one with the service in a skypanel.toml: \`[build]\`, \`path = "${programs[0] ?? modules[0]}"\`.`,
    ),
  )
}

const scopeOf = (top: View, chosen: string, work: GoWork | null): Scope =>
  work === null
    ? { place: chosen, work, modules: [moduleIn(top, chosen)] }
    : { place: work.place, work, modules: work.members.map((member) => moduleIn(top, member)) }

const describeWork = ({ place, members }: GoWork, chosen: string) =>
  seen(
    fileIn(place, "go.work"),
    `${members.length} modules, of which ${below(chosen, place) || "the one beside it"} is built`,
  )

const versionOf = ({ version }: GoMod) =>
  version === null ? "a Go module" : `a Go module for Go ${version.slice(0, 20)}`

/** A Go module, by itself or with those of its go.work: its `vendor` folder, the modules of its go.sum, or no dependencies. */
export const go: Language = {
  kind: "go",
  looksFor: "go.mod",
  recognise: (sight) => {
    const { tree, top, folder, wishes, config } = sight
    if (tree.text("go.mod") === undefined && tree.text("go.work") === undefined) return null
    return Result.gen(function* () {
      const around = yield* workOf(top, folder)
      // Who commits what a module needs beside it builds that alone.
      const work = folder !== around?.place && tree.has("vendor/") ? null : around
      const chosen = yield* chosenOf(sight, work)
      const scope = scopeOf(top, chosen, work)
      const { reason, learns } = yield* dependenciesOf(top, scope)
      return {
        kind: "go" as const,
        folder: scope.place,
        reasoning: [
          ...(work === null ? [] : [describeWork(work, chosen)]),
          seen(fileIn(chosen, "go.mod"), versionOf(moduleIn(top, chosen).mod)),
          reason,
          ...(wishes.buildCommand === null ? [] : [seen(config.by("build", "command"), wishes.buildCommand)]),
          ...wishes.reasoning,
          ...(wishes.start === null
            ? [seen("nothing says how it starts", "its one program is started")]
            : []),
        ],
        settings: {
          start: wishes.start,
          buildCommand: wishes.buildCommand,
          isChecked: !top.has(fileIn(scope.place, "vendor/")),
          isWorkspace: work !== null,
          member: below(chosen, scope.place),
          runFolder: below(folder, scope.place),
        },
        learns,
      }
    })
  },
}
