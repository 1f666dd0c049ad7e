import { Result } from "effect"
import type { BuildFailed } from "../../BuildFailed.ts"
import { isRecord } from "../PackageJson.ts"
import { fileIn } from "../Place.ts"
import { notRecognised, type View } from "../Recognised.ts"
import { parseToml } from "../Toml.ts"

/** What a Cargo.toml says that decides something. */
export interface CargoManifest {
  readonly text: string
  readonly document: Readonly<Record<string, unknown>>
  /** Null: it is the top of a workspace only. */
  readonly name: string | null
  readonly edition: string | null
  readonly defaultRun: string | null
  /** The oldest Rust that it takes. */
  readonly rustVersion: string | null
  readonly isWorkspace: boolean
  /** Whether it has a program; a library cannot be started. */
  readonly hasProgram: boolean
  /** Folders of the packages that it depends on, from its own. */
  readonly paths: ReadonlyArray<string>
  /** Files that it names as such that are compiled by themselves, from its folder. */
  readonly targets: ReadonlySet<string>
}

const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" && value.length <= 200 ? value : null
const table = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {})

const pathsMax = 2000
const nameSyntax = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/

/** Every `path` in a table of dependencies, of every target and profile. */
const pathsIn = (value: unknown, isDependencies: boolean, found: Array<string>): void => {
  if (!isRecord(value) || found.length >= pathsMax) return
  for (const [key, each] of Object.entries(value)) {
    if (isDependencies && key === "path" && typeof each === "string") found.push(each)
    pathsIn(each, isDependencies || /^(?:(?:dev-|build-)?dependencies|patch|replace)$/.test(key), found)
  }
}

const targetsIn = (document: Readonly<Record<string, unknown>>, build: unknown): ReadonlySet<string> => {
  const named = ["lib", "bin", "test", "bench", "example"].flatMap((key) => document[key] ?? [])
  const paths = [...named.map((each) => table(each).path), build]
  return new Set(paths.flatMap((path) => text(path)?.replace(/^(?:\.\/)+/, "") ?? []))
}

/** `rust-version` and `edition` may be the workspace's. */
const inherited = (own: unknown, workspace: unknown): string | null =>
  text(table(own).workspace === true ? workspace : own)

/** The Cargo.toml of a folder of the repository; `workspace` is the one that it may inherit from. */
export const parseManifest = (
  top: View,
  folder: string,
  workspace: CargoManifest | null = null,
): Result.Result<CargoManifest, BuildFailed> => {
  const file = fileIn(folder, "Cargo.toml")
  const source = top.text(file)
  if (source === undefined)
    return Result.fail(notRecognised(`${file} is larger than 4 MiB.`, "Make it smaller.", file))
  return Result.map(parseToml(source, file), (document) => {
    const own = table(document.package ?? document.project)
    const common = table(table((workspace?.document ?? document).workspace).package)
    const has = (path: string) => top.has(fileIn(folder, path))
    const paths: Array<string> = []
    pathsIn(document, false, paths)
    return {
      text: source,
      document,
      name: typeof own.name === "string" && nameSyntax.test(own.name) ? own.name : null,
      edition: inherited(own.edition, common.edition),
      defaultRun: text(own["default-run"]),
      rustVersion: inherited(own["rust-version"], common["rust-version"]),
      isWorkspace: isRecord(document.workspace),
      hasProgram: Array.isArray(document.bin) || has("src/main.rs") || has("src/bin/"),
      paths,
      targets: targetsIn(document, own.build),
    }
  })
}
