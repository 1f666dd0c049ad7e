import { isRecord, parsePackageJson } from "./PackageJson.ts"
import { parsePlainYaml } from "./PlainYaml.ts"
import type { View } from "./Recognised.ts"

export type Manifest = Readonly<Record<string, unknown>>

const globsMax = 50
const globCharactersMax = 200

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
  return [...fromJson, ...fromPnpm].filter((glob) => glob.length <= globCharactersMax).slice(0, globsMax)
}

const isName = (wanted: string, name: string): boolean => {
  const [head = "", ...tail] = wanted.split("*")
  return tail.length === 0
    ? name === wanted
    : name.length >= wanted.length - 1 && name.startsWith(head) && name.endsWith(tail.at(-1)!)
}

/** A pattern of folders: `*` is one name, `**` any number of them. */
const matches = (glob: string, path: string): boolean => {
  const patterns = glob.replace(/^\.\/|\/+$/g, "").split("/")
  if (patterns.length > 10) return false
  // How many of the patterns may be done with after each part of the path.
  let done = new Set([0])
  const skip = () => {
    for (const each of done) if (patterns[each] === "**") done.add(each + 1)
  }
  skip()
  for (const name of path.split("/")) {
    const before = done
    done = new Set()
    for (const each of before) {
      const wanted = patterns[each]
      if (wanted === "**") done.add(each)
      else if (wanted !== undefined && isName(wanted, name)) done.add(each + 1)
    }
    skip()
  }
  return done.has(patterns.length)
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
