import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Language, Sight } from "./Language.ts"
import { lockFileOf, modulesOf, noModules } from "./LockFile.ts"
import { nodeSiteOf } from "./NodeSite.ts"
import { nodeVersionOf } from "./NodeVersion.ts"
import { type PackageJson, parsePackageJson } from "./PackageJson.ts"
import { above, below } from "./Place.ts"
import { noStart, notRecognised, otherLanguages, seen, type View } from "./Recognised.ts"
import { manifestsOf } from "./Workspace.ts"

const noLock = (tree: View) =>
  notRecognised(
    tree.has("bun.lockb")
      ? "Bun's lock file is the binary bun.lockb, which nobody can read."
      : "There is a package.json, but no lock file such as package-lock.json beside it.",
    tree.has("bun.lockb")
      ? "Run `bun install --save-text-lockfile` and commit the bun.lock."
      : "Run `npm install`, or your package manager's install, and commit the lock file; it says exactly what to install.",
    "package.json",
  )

/** Without anything to install there is nothing that a lock file could say. */
const needsNothing = (file: PackageJson) =>
  [file.dependencies, file.devDependencies, file.optionalDependencies, file.workspaces].every(
    (each) => Object.keys(each).length === 0,
  )

interface Start {
  readonly start: string | null
  readonly reasoning: ReadonlyArray<string>
}

const startOf = (
  { tree, wishes }: Sight,
  file: PackageJson,
  members: ReadonlyArray<string>,
): Result.Result<Start, BuildFailed> => {
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
      "This is a package.json",
      members.length === 0
        ? 'Add a "start" script to the package.json, or a Procfile with a line `web: …`.'
        : `Name the member of the workspace in a skypanel.toml: \`[build]\`, \`path = "${members[0]}"\`.`,
    ),
  )
}

const buildReasoning = ({ wishes, config }: Sight, file: PackageJson): ReadonlyArray<string> => {
  if (wishes.buildCommand !== null) return [seen(config.by("build", "command"), wishes.buildCommand)]
  return file.scripts.build === undefined ? [] : [seen("script `build`", file.scripts.build)]
}

/** A start that runs a file by Bun itself; `bun run x` stands for a script, and that is looked into. */
const startsByBun = (command: string, scripts: Readonly<Record<string, string>>): boolean => {
  const script = /^(?:npm|pnpm|yarn|bun) (?:run )?([\w:-]+)\s*$/.exec(command)?.[1]
  const text = script === undefined ? command : (scripts[script] ?? "")
  return /^bunx?\s+(?!run\s)\S*[./]/.test(text) || /^bun\s+--?\w/.test(text)
}

const noBun = () =>
  notRecognised(
    "The service is started by Bun itself, which is not part of the package set.",
    "Start it by Node.js, which runs TypeScript as well: `node src/index.ts`.",
    "package.json",
  )

/** Where the lock file is: in the folder itself, or in the one around it whose workspace it is a member of. */
const rootOf = ({ tree, folder, within }: Sight): { readonly view: View; readonly path: string } | null => {
  if (lockFileOf(tree) !== null) return { view: tree, path: folder }
  for (let path = folder; path !== ""; ) {
    path = above(path)
    const view = within(path)
    if (lockFileOf(view) === null) continue
    return manifestsOf(view).has(below(folder, path)) ? { view, path } : null
  }
  return null
}

/** A Node.js service or a site that Node.js builds, with a lock file of npm, pnpm, Yarn or Bun unless it needs none. */
export const nodejs: Language = {
  kind: "nodejs",
  looksFor: "package.json with its lock file",
  recognise: (sight) => {
    const { tree, wishes, folder } = sight
    if (!tree.has("package.json")) return null
    const root = rootOf(sight)
    if (root === null && wishes.kind === null && otherLanguages.some((name) => tree.has(name))) return null
    return Result.gen(function* () {
      const file = yield* parsePackageJson(tree.text("package.json") ?? "", "package.json")
      if (root === null && !needsNothing(file)) return yield* Result.fail(noLock(tree))
      const installed =
        root === null ? noModules : yield* modulesOf(root.view, lockFileOf(root.view)!, sight.offer)
      const place = root === null ? folder : root.path
      const node = yield* nodeVersionOf(sight, file)
      const members = [...installed.members.keys()].filter((path) => path !== "")
      const site = nodeSiteOf(sight, file)
      const { start, reasoning } =
        site === null ? yield* startOf(sight, file, members) : { start: null, reasoning: site.reasoning }
      const command = site === null ? (start ?? file.scripts.start ?? "") : ""
      if (startsByBun(command, file.scripts)) return yield* Result.fail(noBun())
      return {
        kind: "nodejs" as const,
        folder: place,
        reasoning: [
          seen("package.json", "Node.js"),
          ...installed.reasoning,
          ...node.reasoning,
          ...buildReasoning(sight, file),
          ...wishes.reasoning,
          ...reasoning,
        ],
        settings: {
          start,
          nodeMajor: node.major,
          buildCommand: wishes.buildCommand,
          modules: installed.modules,
          site: site === null ? null : { folder: site.folder, fallback: site.fallback },
          member: below(folder, place),
        },
        learns: installed.learns,
      }
    })
  },
}
