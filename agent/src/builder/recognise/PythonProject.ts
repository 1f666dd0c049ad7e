import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { isRecord, lineOfJsonError, texts } from "./PackageJson.ts"
import { notRecognised, type View } from "./Recognised.ts"
import { fromSetupPy, isSetupPy } from "./SetupPy.ts"
import { parseToml } from "./Toml.ts"

/** What a Python project says of itself, in whichever files. */
export interface PythonProject {
  /** The files that say it, the most exact first. */
  readonly files: ReadonlyArray<string>
  /** Names of its direct dependencies, normalised. */
  readonly dependencies: ReadonlySet<string>
  /** Dependencies that only we have read, as lines of a requirements.txt: the builder reads the other files itself. */
  readonly requirements: ReadonlyArray<string>
  /** Console scripts: `module:function` by name. */
  readonly scripts: Readonly<Record<string, string>>
  readonly name: string | null
  /** Which Python it wants, and where that stands. */
  readonly python: { readonly file: string; readonly text: string } | null
}

const known = [
  "uv.lock",
  "poetry.lock",
  "pdm.lock",
  "pylock.toml",
  "Pipfile.lock",
  "requirements.txt",
  "pyproject.toml",
  "setup.cfg",
  "setup.py",
]
/** They have versions of what another file asks for. */
const lockFiles = new Set(["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"])
const linesMax = 5000

/** A setup.cfg may be there for tools alone, whatever the project is written in. */
const isProject = (setupCfg: string | undefined) => /^(?:install_requires|\[options\])/m.test(setupCfg ?? "")

/** Empty when it is no Python project: a lock file alone does not make it one. */
export const pythonFiles = (view: View): ReadonlyArray<string> => {
  const files = known.filter((name) => {
    if (name === "setup.cfg") return isProject(view.text(name))
    return name === "setup.py" ? isSetupPy(view) : view.has(name)
  })
  return files.every((name) => lockFiles.has(name)) ? [] : files
}

const normalise = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-")

const nameOf = (requirement: string): ReadonlyArray<string> => {
  const name = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement)?.[1]
  return name === undefined ? [] : [normalise(name)]
}

/** The default packages of a Pipfile.lock, as lines of a requirements.txt. */
const fromPipfile = (text: string | undefined): Result.Result<ReadonlyArray<string>, BuildFailed> => {
  if (text === undefined) return Result.succeed([])
  try {
    const lock: unknown = JSON.parse(text)
    const packages = isRecord(lock) && isRecord(lock.default) ? Object.entries(lock.default) : []
    return Result.succeed(
      packages.flatMap(([name, entry]) => {
        const version = isRecord(entry) && typeof entry.version === "string" ? entry.version : ""
        return nameOf(name).length === 0 || !/^(?:==[\w.+!-]+)?$/.test(version) ? [] : [`${name}${version}`]
      }),
    )
  } catch (error) {
    return Result.fail(
      notRecognised(
        "The Pipfile.lock is not valid JSON.",
        "Make it again with `pipenv lock`.",
        "Pipfile.lock",
        lineOfJsonError(text, error),
      ),
    )
  }
}

/** `install_requires` of a setup.cfg: the indented lines after it. It may name a file, which is read by itself. */
const fromSetupCfg = (text: string | undefined): ReadonlyArray<string> => {
  const found = /^install_requires[ \t]*=((?:[ \t]*[^\n]*)(?:\n[ \t]+[^\n]*)*)/m.exec(text ?? "")?.[1] ?? ""
  return found
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "" && !/^(?:file|attr):/.test(line))
}

/** Versions by name in the lock file of uv, Poetry or PDM: all of them are lists of packages in TOML. */
const lockedVersions = (view: View): Result.Result<ReadonlyMap<string, string>, BuildFailed> => {
  const file = [...lockFiles].find((name) => view.has(name))
  if (file === undefined) return Result.succeed(new Map())
  return Result.map(parseToml(view.text(file), file), (lock) => {
    const packages = lock.package ?? lock.packages
    const entries = Array.isArray(packages) ? packages.filter(isRecord) : []
    return new Map(
      entries.flatMap(({ name, version }) =>
        typeof name === "string" && typeof version === "string" && /^[\w.+!-]{1,60}$/.test(version)
          ? [[normalise(name), version] as const]
          : [],
      ),
    )
  })
}

const list = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : []

const firstLine = (text: string | undefined) => text?.split("\n")[0]?.trim() ?? ""

const wantedPython = (
  view: View,
  project: Readonly<Record<string, unknown>>,
  poetry: Readonly<Record<string, string>>,
) => {
  if (typeof project["requires-python"] === "string")
    return { file: "pyproject.toml", text: project["requires-python"] }
  if (poetry.python !== undefined) return { file: "pyproject.toml", text: poetry.python }
  const pinned = firstLine(view.text(".python-version"))
  return /^\d+(?:\.\d+){0,2}$/.test(pinned) ? { file: ".python-version", text: `~=${pinned}` } : null
}

export const readPythonProject = (view: View): Result.Result<PythonProject, BuildFailed> =>
  Result.gen(function* () {
    const document = yield* parseToml(view.text("pyproject.toml"), "pyproject.toml")
    const project = isRecord(document.project) ? document.project : {}
    const tool = isRecord(document.tool) && isRecord(document.tool.poetry) ? document.tool.poetry : {}
    const poetry = isRecord(tool.dependencies) ? tool.dependencies : {}
    const readByUs = [
      ...(yield* fromPipfile(view.text("Pipfile.lock"))),
      ...fromSetupCfg(view.text("setup.cfg")),
      // Who has a requirements.txt has said it there.
      ...(view.has("requirements.txt") ? [] : yield* fromSetupPy(view)),
    ]
    const requirements = (view.text("requirements.txt") ?? "").split("\n").slice(0, linesMax)
    const locked = yield* lockedVersions(view)
    const all = [...requirements, ...list(project.dependencies), ...Object.keys(poetry), ...readByUs]
    const dependencies = new Set(all.flatMap(nameOf))
    const exact = [...dependencies].flatMap((name) =>
      locked.has(name) ? [`${name}==${locked.get(name)}`] : [],
    )
    return {
      files: pythonFiles(view),
      dependencies,
      requirements: [...readByUs, ...exact].slice(0, linesMax),
      scripts: { ...texts(tool.scripts), ...texts(project.scripts) },
      name:
        typeof project.name === "string" ? project.name : typeof tool.name === "string" ? tool.name : null,
      python: wantedPython(view, project, texts(poetry)),
    }
  })
