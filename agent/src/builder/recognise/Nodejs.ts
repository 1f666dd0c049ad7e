import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { nodeVersionOf } from "./NodeVersion.ts"
import { type PackageJson, parsePackageJson } from "./PackageJson.ts"
import { type Language, noStart, notRecognised, type Sight, seen } from "./Recognised.ts"

const otherLanguages = ["requirements.txt", "pyproject.toml", "go.mod"]

const noLock = () =>
  notRecognised(
    "There is a package.json, but no package-lock.json beside it.",
    "Run `npm install` and commit the package-lock.json; it says exactly what to install.",
    "package.json",
  )

interface Start {
  readonly start: string | null
  readonly reasoning: ReadonlyArray<string>
}

const startOf = ({ tree, wishes }: Sight, file: PackageJson): Result.Result<Start, BuildFailed> => {
  if (wishes.start !== null) return Result.succeed({ start: wishes.start, reasoning: [] })
  if (file.scripts.start !== undefined)
    return Result.succeed({ start: null, reasoning: [seen("script `start`", file.scripts.start)] })
  const main = tree.has("server.js") ? "server.js" : file.main
  if (main !== null && /^[A-Za-z0-9_./-]+$/.test(main))
    return Result.succeed({
      start: `node ${main}`,
      reasoning: [seen(tree.has("server.js") ? "server.js" : "`main`", `node ${main}`)],
    })
  return Result.fail(
    noStart(
      "This is a package.json with its lock file",
      'Add a "start" script to the package.json, or a Procfile with a line `web: …`.',
    ),
  )
}

const buildReasoning = (command: string | null, file: PackageJson): ReadonlyArray<string> => {
  if (command !== null) return [seen("skypanel.toml, [build] command", command)]
  return file.scripts.build === undefined ? [] : [seen("script `build`", file.scripts.build)]
}

/** A Node.js service with a lock file of npm. */
export const nodejs: Language = {
  kind: "nodejs",
  looksFor: "package.json with its lock file",
  recognise: (sight) => {
    const { tree, wishes, folder } = sight
    if (!tree.has("package.json")) return null
    const lock = ["package-lock.json", "npm-shrinkwrap.json"].find((name) => tree.has(name))
    if (lock === undefined && wishes.kind === null && otherLanguages.some((name) => tree.has(name)))
      return null
    return Result.gen(function* () {
      const file = yield* parsePackageJson(tree.text("package.json") ?? "", "package.json")
      if (lock === undefined) return yield* Result.fail(noLock())
      const node = yield* nodeVersionOf(sight, file)
      const { start, reasoning } = yield* startOf(sight, file)
      return {
        kind: "nodejs" as const,
        folder,
        reasoning: [
          seen("package.json", "Node.js"),
          seen(lock, "npm"),
          ...node.reasoning,
          ...buildReasoning(wishes.buildCommand, file),
          ...wishes.reasoning,
          ...reasoning,
        ],
        settings: { start, nodeMajor: node.major, buildCommand: wishes.buildCommand },
      }
    })
  },
}
