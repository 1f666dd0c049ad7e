import satisfies from "semver/functions/satisfies.js"
import valid from "semver/functions/valid.js"
import validRange from "semver/ranges/valid.js"
import { isRecord, lineOfJsonError, texts } from "../PackageJson.ts"
import {
  checkCount,
  checkName,
  checkPath,
  dependenciesOf,
  type Importer,
  integrityOf,
  type Lock,
  type LockedPackage,
  type LockSource,
  noIntegrity,
  originOf,
  problem,
} from "./Locked.ts"
import { isForHere, nameIsForHere } from "./Platform.ts"

type Entry = Readonly<Record<string, unknown>>
const depthMax = 50

/** Version 1 nests packages where versions 2 and 3 have paths; `requires` are the dependencies there. */
const pathsOfVersion1 = (
  dependencies: unknown,
  parent: string,
  into: Map<string, Entry>,
  depth: number,
): void => {
  if (!isRecord(dependencies) || depth > depthMax) return
  for (const [name, entry] of Object.entries(dependencies)) {
    if (!isRecord(entry)) continue
    const path = `${parent}node_modules/${name}`
    // `npm:other@1.0.0` is another package under this name.
    const version = String(entry.version ?? "")
    const alias = /^npm:((?:@[^@/]+\/)?[^@/]+)@(.+)$/.exec(version)
    into.set(path, {
      ...entry,
      ...(alias === null ? {} : { name: alias[1], version: alias[2] }),
      // What is no version there is where it comes from: git+ssh://…, file:….
      ...(entry.resolved === undefined && /[:/]/.test(version) && alias === null
        ? { resolved: version }
        : {}),
      dependencies: texts(entry.requires),
      inBundle: entry.bundled,
    })
    pathsOfVersion1(entry.dependencies, `${path}/`, into, depth + 1)
  }
}

/** As Node.js looks for it: in the folder's own node_modules, then in those of the folders around it. */
const resolve = (entries: ReadonlyMap<string, Entry>, from: string, name: string): string | null => {
  for (let folder = from; ; ) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (entries.has(path)) return path
    if (folder === "") return null
    const end = folder.lastIndexOf("/")
    folder = end < 0 ? "" : folder.slice(0, end).replace(/(?:^|\/)node_modules(?:\/@[^/]+)?$/, "")
  }
}

const entryOf = (entries: ReadonlyMap<string, Entry>, from: string, name: string): Entry | undefined => {
  const path = resolve(entries, from, name)
  return path === null ? undefined : entries.get(path)
}

const nameAt = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)

/** What is fetched; null for what is not for this system or comes with another package. */
const packageAt = (
  source: LockSource,
  path: string,
  entry: Entry,
): Omit<LockedPackage, "dependencies"> | null => {
  if (entry.inBundle === true || entry.link === true) return null
  const name = typeof entry.name === "string" ? entry.name : nameAt(path)
  const version = String(entry.version ?? "")
  const isHere = isForHere(entry, source.cpu) && (entry.optional !== true || nameIsForHere(name, source.cpu))
  if (!isHere) return null
  const url = originOf(source, name, version, entry.resolved)
  checkName(source, name, version)
  checkName(source, nameAt(path), version)
  const integrity = integrityOf(entry.integrity)
  if (integrity === null) throw noIntegrity(source, name, `"${nameAt(path)}"`)
  return { name, version, url, integrity, optional: entry.optional === true }
}

const edges = (
  entries: ReadonlyMap<string, Entry>,
  packages: ReadonlyMap<string, unknown>,
  from: string,
  wanted: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(wanted).flatMap((name) => {
      const found = resolve(entries, from, name)
      return found !== null && packages.has(found) ? [[name, found]] : []
    }),
  )

const checkImporter = (
  source: LockSource,
  entries: ReadonlyMap<string, Entry>,
  path: string,
  manifest: Entry,
) => {
  for (const [name, range] of Object.entries(dependenciesOf(manifest, "dependencies", "devDependencies"))) {
    const entry = entryOf(entries, path, name)
    const isOther =
      typeof entry?.version === "string" &&
      valid(entry.version) !== null &&
      validRange(range) !== null &&
      manifest.overrides === undefined &&
      !satisfies(entry.version, range, { includePrerelease: true })
    if (entry !== undefined && !isOther) continue
    throw problem(
      source,
      entry === undefined ? '"lockfileVersion"' : `"${name}"`,
      `the package.json asks for ${name} ${range}, ${entry === undefined ? "which is not in it" : `it has ${entry.version}`}`,
      "Run `npm install` and commit the lock file that it writes.",
      "lock-mismatch",
    )
  }
}

const parseJson = (source: LockSource): Entry => {
  try {
    const value: unknown = JSON.parse(source.text)
    if (isRecord(value)) return value
  } catch (error) {
    throw problem(
      source,
      lineOfJsonError(source.text, error),
      "it is not valid JSON",
      "Make it again with `npm install`.",
    )
  }
  throw problem(source, 1, "it is not valid JSON", "Make it again with `npm install`.")
}

/**
 * npm's lock file of version 1, 2 or 3. `manifests` are the package.json files of the project (`""`) and of the members
 * of its workspace, by their folders.
 */
export const parseNpmLock = (source: LockSource, manifests: ReadonlyMap<string, Entry>): Lock => {
  const lock = parseJson(source)
  const entries = new Map<string, Entry>()
  if (isRecord(lock.packages)) {
    for (const [path, entry] of Object.entries(lock.packages)) if (isRecord(entry)) entries.set(path, entry)
  } else pathsOfVersion1(lock.dependencies, "", entries, 0)
  const found = new Map<string, Omit<LockedPackage, "dependencies">>()
  for (const [path, entry] of entries) {
    checkPath(source, path)
    const locked = path.includes("node_modules/") ? packageAt(source, path, entry) : null
    if (locked !== null) found.set(path, locked)
  }
  checkCount(source, found)
  const packages = new Map(
    [...found].map(([path, locked]) => {
      const wanted = dependenciesOf(
        entries.get(path),
        "dependencies",
        "optionalDependencies",
        "peerDependencies",
      )
      return [path, { ...locked, dependencies: edges(entries, found, path, wanted) }]
    }),
  )
  const importers: ReadonlyArray<Importer> = [...manifests].map(([path, manifest]) => {
    checkImporter(source, entries, path, manifest)
    const all = dependenciesOf(manifest, "dependencies", "devDependencies", "optionalDependencies")
    const members = Object.keys(all).flatMap((name) => {
      const entry = entryOf(entries, path, name)
      return entry?.link === true && typeof entry.resolved === "string" ? [[name, entry.resolved]] : []
    })
    return {
      path,
      runtime: edges(entries, found, path, dependenciesOf(manifest, "dependencies", "optionalDependencies")),
      development: edges(entries, found, path, dependenciesOf(manifest, "devDependencies")),
      members: Object.fromEntries(members),
    }
  })
  const top = [...found.keys()].filter((path) => path.lastIndexOf("node_modules/") === 0)
  return { packages, importers, top: new Map(top.map((path) => [nameAt(path), path])) }
}
