import { posix } from "node:path"
import { Result } from "effect"
import { above, fileIn, isWithin } from "../Place.ts"
import type { View } from "../Recognised.ts"
import { type CargoManifest, parseManifest } from "./CargoManifest.ts"

/** Manifests by their folders, from the repository's top. */
type Manifests = ReadonlyMap<string, CargoManifest>

const manifestsMax = 500
const targetsMax = 2000

/** Where the Cargo.lock is that a folder is built with: in it, or at the top of the workspace around it. */
export const lockFolderOf = (top: View, folder: string): string => {
  for (let path = folder; ; path = above(path)) {
    if (top.has(fileIn(path, "Cargo.lock")) && top.has(fileIn(path, "Cargo.toml"))) return path
    if (path === "") return folder
  }
}

/**
 * The packages below a folder, and those beside it that they depend on by a path. What cannot be read is left to Cargo,
 * which knows whether it belongs to them.
 */
export const manifestsOf = (top: View, place: string): Manifests => {
  const open = top.paths
    .filter((path) => /(?:^|\/)Cargo\.toml$/.test(path) && isWithin(path, place))
    .map(above)
    .reverse()
  const found = new Map<string, CargoManifest>()
  for (let folder = open.pop(); folder !== undefined && found.size < manifestsMax; folder = open.pop()) {
    if (found.has(folder) || !top.has(fileIn(folder, "Cargo.toml"))) continue
    const manifest = parseManifest(top, folder)
    if (Result.isFailure(manifest)) continue
    found.set(folder, manifest.success)
    for (const path of manifest.success.paths)
      open.push(posix.join(folder, path).replace(/^\.\/?$|\/+$/g, ""))
  }
  return found
}

/** The folder that all of them are in: a path may lead out of a workspace. */
export const commonFolder = (place: string, manifests: Manifests): string => {
  let common = place
  for (const folder of manifests.keys()) while (!isWithin(folder, common)) common = above(common)
  return common
}

/** Files that Cargo compiles by themselves; those that no rule of its names are named by a manifest. */
export const targetsOf = (top: View, common: string, manifests: Manifests): ReadonlyArray<string> => {
  const usual =
    /^(?:build|src\/main|src\/lib|src\/bin\/[^/]+|src\/bin\/[^/]+\/main|(?:tests|benches|examples)\/[^/]+)\.rs$/
  const found = new Set<string>()
  for (const path of top.paths) {
    if (!/^[^\n]+\.rs$/.test(path) || found.size >= targetsMax) continue
    for (let folder = above(path); ; folder = above(folder)) {
      const manifest = manifests.get(folder)
      const own = folder === "" ? path : path.slice(folder.length + 1)
      if (manifest !== undefined && (usual.test(own) || manifest.targets.has(own))) found.add(path)
      if (manifest !== undefined || folder === "") break
    }
  }
  return [...found].map((path) => (common === "" ? path : path.slice(common.length + 1)))
}

/** Packages with a program in a workspace whose top is none, as far as its `default-members` go. */
export const programsOf = (place: string, manifests: Manifests): ReadonlyArray<string> => {
  const workspace = manifests.get(place)?.document.workspace as { "default-members"?: unknown } | undefined
  const members = workspace?.["default-members"]
  const chosen = Array.isArray(members) ? new Set(members.map((path) => posix.join(place, `${path}`))) : null
  return [...manifests].flatMap(([folder, { name, hasProgram }]) =>
    name !== null && hasProgram && isWithin(folder, place) && (chosen === null || chosen.has(folder))
      ? [folder]
      : [],
  )
}
