import { Result } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { SourceTree } from "./SourceTree.ts"

/** How a source is built. `start` is a shell command line, from its Procfile or its package.json. */
export type Recognised =
  | { readonly _tag: "flake"; readonly explanation: string }
  | { readonly _tag: "nix"; readonly explanation: string }
  | {
      readonly _tag: "nodejs" | "python" | "go" | "static"
      readonly explanation: string
      readonly start: string | null
    }

type Kind = (typeof kinds)[number]

/**
 * What is looked for, in this order; the first that is there decides. Who writes Nix has said best how it is built.
 * A package.json without a lock file does not hide a Python or Go service: those often have one for their assets.
 * A page is the last, since most services have one somewhere.
 */
const kinds = [
  "flake.nix",
  "default.nix",
  "package.json with package-lock.json",
  "requirements.txt or pyproject.toml",
  "go.mod",
  "index.html",
] as const satisfies ReadonlyArray<string>

/** Characters of a start command; it is shown to people. */
const startMax = 500

/** The command of the `web` process in a Procfile (`<type>: <command>` a line); null when it names none. */
export const procfileWeb = (procfile: string | undefined): string | null =>
  procfile === undefined
    ? null
    : (/^web[ \t]*:[ \t]*(\S.*?)[ \t]*$/m.exec(procfile.replaceAll("\r\n", "\n"))?.[1] ?? null)

interface PackageJson {
  readonly scripts?: Readonly<Record<string, unknown>>
  readonly main?: unknown
}

const parsePackage = (text: string | undefined): PackageJson | null => {
  if (text === undefined) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as PackageJson)
      : null
  } catch {
    return null
  }
}

const badPackage = () =>
  buildFailed(
    "source-not-recognised",
    "The package.json is not valid JSON.",
    "Check it with `npm pkg get name`, then deploy again.",
  )

const noLock = () =>
  buildFailed(
    "source-not-recognised",
    "There is a package.json, but no package-lock.json beside it.",
    "Run `npm install` and commit the package-lock.json; it says exactly what to install.",
  )

const noStart = (what: string, next: string) =>
  buildFailed("no-command", `${what}, but nothing says how it starts.`, next)

const otherLanguages = ["requirements.txt", "pyproject.toml", "go.mod"]

const nodejs = (tree: SourceTree, web: string | null): Result.Result<Recognised, BuildFailed> | null => {
  const lock = tree.names.includes("package-lock.json")
    ? "package-lock.json"
    : tree.names.includes("npm-shrinkwrap.json")
      ? "npm-shrinkwrap.json"
      : null
  if (lock === null && otherLanguages.some((name) => tree.names.includes(name))) return null
  const file = parsePackage(tree.files["package.json"])
  if (file === null) return Result.fail(badPackage())
  if (lock === null) return Result.fail(noLock())
  const found = `package.json with ${lock}`
  if (web !== null)
    return Result.succeed({ _tag: "nodejs", explanation: `${found}, starts with ${web}`, start: web })
  if (typeof file.scripts?.start === "string")
    return Result.succeed({ _tag: "nodejs", explanation: `${found}, starts with npm start`, start: null })
  const main = tree.names.includes("server.js") ? "server.js" : file.main
  if (typeof main === "string" && /^[A-Za-z0-9_./-]+$/.test(main))
    return Result.succeed({
      _tag: "nodejs",
      explanation: `${found}, starts with node ${main}`,
      start: `node ${main}`,
    })
  return Result.fail(
    noStart(
      `This is a ${found}`,
      'Add a "start" script to the package.json, or a Procfile with a line `web: …`.',
    ),
  )
}

const pythonMains = ["main.py", "app.py", "server.py"] as const

const python = (tree: SourceTree, web: string | null): Result.Result<Recognised, BuildFailed> => {
  const found = tree.names.includes("requirements.txt") ? "requirements.txt" : "pyproject.toml"
  const main = pythonMains.find((name) => tree.names.includes(name))
  const start = web ?? (main === undefined ? null : `python ${main}`)
  return start === null
    ? Result.fail(
        noStart(`This is a ${found}`, `Add a Procfile with a line \`web: …\`, or a ${pythonMains[0]}.`),
      )
    : Result.succeed({ _tag: "python", explanation: `${found}, starts with ${start}`, start })
}

const recognisers: Record<
  Kind,
  (tree: SourceTree, web: string | null) => Result.Result<Recognised, BuildFailed> | null
> = {
  "flake.nix": (tree) =>
    tree.names.includes("flake.nix")
      ? Result.succeed({ _tag: "flake", explanation: "flake.nix, its default package" })
      : null,
  "default.nix": (tree) =>
    tree.names.includes("default.nix") ? Result.succeed({ _tag: "nix", explanation: "default.nix" }) : null,
  "package.json with package-lock.json": (tree, web) =>
    tree.names.includes("package.json") ? nodejs(tree, web) : null,
  "requirements.txt or pyproject.toml": (tree, web) =>
    tree.names.includes("requirements.txt") || tree.names.includes("pyproject.toml")
      ? python(tree, web)
      : null,
  "go.mod": (tree, web) =>
    tree.names.includes("go.mod")
      ? Result.succeed({
          _tag: "go",
          explanation: web === null ? "go.mod, starts with its command" : `go.mod, starts with ${web}`,
          start: web,
        })
      : null,
  "index.html": (tree, web) =>
    tree.names.includes("index.html")
      ? Result.succeed({ _tag: "static", explanation: "index.html, served as files", start: web })
      : null,
}

const listed = (names: ReadonlyArray<string>) => {
  const shown = names.filter((name) => name !== ".git/").slice(0, 20)
  if (shown.length === 0) return "nothing"
  return `${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`
}

/** Pure: says what a source is and how it starts, or what was looked for and what was found. */
export const recognise = (tree: SourceTree): Result.Result<Recognised, BuildFailed> => {
  const web = procfileWeb(tree.files.Procfile)
  if (web !== null && web.length > startMax)
    return Result.fail(
      buildFailed(
        "source-not-recognised",
        `The web line of the Procfile is longer than ${startMax} characters.`,
        "Put the commands into a script, and let the line start that.",
      ),
    )
  for (const kind of kinds) {
    const found = recognisers[kind](tree, web)
    if (found !== null) return found
  }
  return Result.fail(
    buildFailed(
      "source-not-recognised",
      "The repository has nothing at its top level that says how to build it.",
      "Add one of the files that are looked for.",
      { detail: `Looked for ${kinds.join(", ")}. Found ${listed(tree.names)}.` },
    ),
  )
}
