import { isRecord } from "../PackageJson.ts"
import { plainJson } from "../PlainJson.ts"
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

const parseLock = (source: LockSource): Entry => {
  try {
    const value: unknown = JSON.parse(plainJson(source.text))
    if (isRecord(value) && isRecord(value.packages)) return value
  } catch {
    // Told below, as what is no lock file.
  }
  throw problem(source, 1, "it is not a lock file of Bun", "Make it again with `bun install`.")
}

/** The key around a key: of `a/@b/c` it is `a`; null for the outermost. */
const around = (key: string): string | null => {
  const last = key.lastIndexOf("/")
  const before = last <= 0 ? -1 : key.lastIndexOf("/", last - 1)
  const end = key[before + 1] === "@" ? before : last
  return end <= 0 ? null : key.slice(0, end)
}

/** A package's dependency is looked for under its own key, then under those around it, then at the top. */
const resolve = (packages: Entry, key: string | null, name: string): string | null => {
  for (let parent = key; parent !== null; parent = around(parent))
    if (Object.hasOwn(packages, `${parent}/${name}`)) return `${parent}/${name}`
  return Object.hasOwn(packages, name) ? name : null
}

/** `[name@version, registry or url, about, integrity]`; other shapes come from Git or a folder. */
const partsOf = (
  value: unknown,
): { readonly ident: string; readonly about: Entry; readonly rest: ReadonlyArray<unknown> } => {
  const list = Array.isArray(value) ? value : []
  return { ident: String(list[0] ?? ""), about: list.find(isRecord) ?? {}, rest: list }
}

/** Which C library a program is for is said only by its name. */
const isProgramForHere = (name: string, about: Entry, cpu: string) =>
  (about.os === undefined && about.cpu === undefined) || (isForHere(about, cpu) && nameIsForHere(name, cpu))

const packageOf = (source: LockSource, value: unknown): Omit<LockedPackage, "dependencies"> | null => {
  const { ident, about, rest } = partsOf(value)
  const at = ident.indexOf("@", 1)
  const name = at < 0 ? ident : ident.slice(0, at)
  const version = ident.slice(at + 1)
  if (at < 0 || /^(?:workspace|root):/.test(version) || !isProgramForHere(name, about, source.cpu))
    return null
  if (/[:/]/.test(version)) originOf(source, name, version, version)
  checkName(source, name, version)
  const given = typeof rest[1] === "string" && rest[1].endsWith(".tgz") ? rest[1] : undefined
  const integrity = integrityOf(rest.at(-1))
  if (integrity === null) throw noIntegrity(source, name, ident)
  return { name, version, url: originOf(source, name, version, given), integrity, optional: false }
}

const memberOf = (value: unknown) => /@workspace:(.+)$/.exec(partsOf(value).ident)?.[1]

/** Bun's text lock file, `bun.lock`. `manifests` are the package.json files by their folders. */
export const parseBunLock = (source: LockSource, manifests: ReadonlyMap<string, Entry>): Lock => {
  const lock = parseLock(source)
  const entries = lock.packages as Entry
  if (isRecord(lock.patchedDependencies) && Object.keys(lock.patchedDependencies).length > 0)
    throw problem(
      source,
      "patchedDependencies",
      "it patches packages",
      "Patches of Bun are not applied here: depend on a published version that has the change.",
    )
  const found = new Map<string, Omit<LockedPackage, "dependencies">>()
  for (const [key, value] of Object.entries(entries)) {
    checkPath(source, key)
    const locked = packageOf(source, value)
    if (locked !== null) found.set(key, locked)
  }
  checkCount(source, found)
  const targets = (key: string | null, wanted: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.keys(wanted).flatMap((name) => {
        const id = resolve(entries, key, name)
        return id !== null && found.has(id) ? [[name, id]] : []
      }),
    )
  const packages = new Map(
    [...found].map(([key, locked]) => {
      const { about } = partsOf(entries[key])
      const wanted = dependenciesOf(about, "dependencies", "optionalDependencies", "peerDependencies")
      return [key, { ...locked, dependencies: targets(key, wanted) }]
    }),
  )
  const workspaces = isRecord(lock.workspaces) ? lock.workspaces : {}
  const importers: ReadonlyArray<Importer> = [...manifests].map(([path, manifest]) => {
    const locked = dependenciesOf(workspaces[path], "dependencies", "devDependencies", "optionalDependencies")
    const all = dependenciesOf(manifest, "dependencies", "devDependencies", "optionalDependencies")
    const other = Object.entries(all).find(
      ([name, range]) => !Object.hasOwn(locked, name) || locked[name] !== range,
    )
    if (other !== undefined)
      throw problem(
        source,
        `"${other[0]}"`,
        `${path === "" ? "the package.json" : `${path}/package.json`} asks for ${other.join(" ")}, ${locked[other[0]] === undefined ? "which is not in it" : `it was made for ${locked[other[0]]}`}`,
        "Run `bun install` and commit the lock file that it writes.",
        "lock-mismatch",
      )
    const key = typeof manifest.name === "string" && path !== "" ? manifest.name : null
    const members = Object.keys(all).flatMap((name) => {
      const member = memberOf(entries[resolve(entries, key, name) ?? ""])
      return member === undefined ? [] : [[name, member]]
    })
    return {
      path,
      runtime: targets(key, dependenciesOf(manifest, "dependencies", "optionalDependencies")),
      development: targets(key, dependenciesOf(manifest, "devDependencies")),
      members: Object.fromEntries(members),
    }
  })
  const top = [...found.keys()].filter((key) => around(key) === null)
  return { packages, importers, top: new Map(top.map((key) => [key, key])) }
}
