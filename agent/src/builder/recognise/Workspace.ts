import { isRecord, parsePackageJson } from "./PackageJson.ts"
import { parsePlainYaml } from "./PlainYaml.ts"
import type { View } from "./Recognised.ts"

export type Manifest = Readonly<Record<string, unknown>>

const globsMax = 50

const json = (text: string | undefined): Manifest => {
  try {
    const value: unknown = JSON.parse(text ?? "{}")
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

export const pnpmWorkspace = (view: View): Manifest => {
  const parsed = parsePlainYaml(view.text("pnpm-workspace.yaml") ?? "")
  return "value" in parsed && isRecord(parsed.value) ? parsed.value : {}
}

const globsOf = (view: View): ReadonlyArray<string> => {
  const text = view.text("package.json")
  const own = text === undefined ? null : parsePackageJson(text, "package.json")
  const fromJson = own?._tag === "Success" ? own.success.workspaces : []
  const listed = pnpmWorkspace(view).packages
  const fromPnpm = Array.isArray(listed) ? listed.filter((each) => typeof each === "string") : []
  return [...fromJson, ...fromPnpm].slice(0, globsMax)
}

/** A pattern of folders: `*` is one name, `**` any number of them. */
const matches = (glob: string, path: string): boolean => {
  const patterns = glob.replace(/^\.\/|\/+$/g, "").split("/")
  const parts = path.split("/")
  const from = (pattern: number, part: number): boolean => {
    if (pattern === patterns.length) return part === parts.length
    const wanted = patterns[pattern]!
    if (wanted === "**") return from(pattern + 1, part) || (part < parts.length && from(pattern, part + 1))
    if (part === parts.length) return false
    const [head = "", ...tail] = wanted.split("*")
    const name = parts[part]!
    const isName =
      tail.length === 0
        ? name === wanted
        : name.length >= wanted.length - 1 && name.startsWith(head) && name.endsWith(tail.at(-1)!)
    return isName && from(pattern + 1, part + 1)
  }
  return patterns.length <= 10 && from(0, 0)
}

/** The package.json files of the project (`""`) and of the members of its workspace, by their folders. */
export const manifestsOf = (view: View): ReadonlyMap<string, Manifest> => {
  const globs = globsOf(view)
  const chosen = globs.filter((glob) => !glob.startsWith("!"))
  const refused = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1))
  const members = view.paths
    .filter((path) => path.endsWith("/package.json"))
    .map((path) => path.slice(0, -"/package.json".length))
    .filter(
      (path) =>
        /^[A-Za-z0-9@._+/-]+$/.test(path) &&
        chosen.some((glob) => matches(glob, path)) &&
        !refused.some((glob) => matches(glob, path)),
    )
  return new Map(
    ["", ...members].map((path) => [
      path,
      json(view.text(path === "" ? "package.json" : `${path}/package.json`)),
    ]),
  )
}
