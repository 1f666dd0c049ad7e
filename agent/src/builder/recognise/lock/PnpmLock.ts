import { isRecord, texts } from "../PackageJson.ts"
import { parsePlainYaml } from "../PlainYaml.ts"
import {
  checkCount,
  checkName,
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
import { isForHere } from "./Platform.ts"
import { formatOf, plainId } from "./PnpmFormat.ts"

type Entry = Readonly<Record<string, unknown>>

const sections = {
  runtime: ["dependencies", "optionalDependencies"],
  development: ["devDependencies"],
} as const

/** A section of an importer: `name: version` to 5.x, `name: { specifier, version }` since. */
const versionsOf = (section: unknown): Readonly<Record<string, string>> =>
  isRecord(section)
    ? Object.fromEntries(
        Object.entries(section).flatMap(([name, value]) => {
          const version = isRecord(value) ? value.version : value
          return typeof version === "string" || typeof version === "number" ? [[name, String(version)]] : []
        }),
      )
    : {}

const specifiersOf = (importer: Entry): Readonly<Record<string, string>> => ({
  ...texts(importer.specifiers),
  ...Object.fromEntries(
    [...sections.runtime, ...sections.development].flatMap((section) =>
      Object.entries(isRecord(importer[section]) ? (importer[section] as Entry) : {}).flatMap(
        ([name, value]) =>
          isRecord(value) && typeof value.specifier === "string" ? [[name, value.specifier]] : [],
      ),
    ),
  ),
})

const checkImporter = (source: LockSource, lock: Entry, path: string, importer: Entry, manifest: Entry) => {
  const specifiers = specifiersOf(importer)
  const all = dependenciesOf(manifest, "dependencies", "devDependencies", "optionalDependencies")
  for (const [name, range] of Object.entries(all)) {
    const locked = Object.hasOwn(specifiers, name) ? specifiers[name] : undefined
    if (locked === range || (locked !== undefined && lock.overrides !== undefined)) continue
    const where = path === "" ? "the package.json" : `${path}/package.json`
    throw problem(
      source,
      locked === undefined ? "lockfileVersion" : `${name}:`,
      `${where} asks for ${name} ${range}, ${locked === undefined ? "which is not in it" : `it was made for ${locked}`}`,
      "Run `pnpm install` and commit the lock file that it writes.",
      "lock-mismatch",
    )
  }
}

const joined = (folder: string, relative: string): string => {
  const parts = folder === "" ? [] : folder.split("/")
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "." && part !== "") parts.push(part)
  }
  return parts.join("/")
}

const parseLock = (source: LockSource): Entry => {
  const next = "Make it again with `pnpm install`."
  const parsed = parsePlainYaml(source.text)
  if ("line" in parsed) throw problem(source, parsed.line, "it is not valid YAML", next)
  if (isRecord(parsed.value)) return parsed.value
  throw problem(source, 1, "it is not a lock file of pnpm", next)
}

/** A key as the file has it: pnpm quotes those that begin with an @. */
const keyIn = ({ text }: LockSource, key: string, value = ""): string =>
  [`'${key}':${value}`, `"${key}":${value}`].find((each) => text.includes(each)) ?? `${key}:${value}`

const packageOf = (
  source: LockSource,
  key: string,
  id: string,
  entry: Entry,
): Omit<LockedPackage, "dependencies"> | null => {
  if (!isForHere(entry, source.cpu)) return null
  const plain = plainId(id)
  const name = typeof entry.name === "string" ? entry.name : plain.name
  const version = typeof entry.version === "string" ? entry.version : plain.version
  const resolution = isRecord(entry.resolution) ? entry.resolution : {}
  const integrity = integrityOf(resolution.integrity)
  // Of what comes from elsewhere pnpm keeps no hash.
  const elsewhere = integrity === null && typeof resolution.tarball === "string" ? resolution.tarball : null
  if (resolution.type !== undefined || resolution.directory !== undefined || elsewhere !== null)
    throw problem(
      source,
      keyIn(source, key),
      elsewhere === null
        ? `${name} does not come from a registry`
        : `${name} comes from ${elsewhere.slice(0, 200)}`,
      "Depend on a published version of it: only packages of a registry can be fetched here.",
    )
  const url = originOf(source, name, version, resolution.tarball)
  checkName(source, name, version)
  if (integrity === null) throw noIntegrity(source, name, keyIn(source, key))
  return { name, version, url, integrity, optional: entry.optional === true }
}

/** pnpm's lock file of versions 5 to 9 (pnpm 6 to 10). `manifests` are the package.json files by their folders. */
export const parsePnpmLock = (source: LockSource, manifests: ReadonlyMap<string, Entry>): Lock => {
  const lock = parseLock(source)
  const format = formatOf(source, lock)
  if (isRecord(lock.patchedDependencies) && Object.keys(lock.patchedDependencies).length > 0)
    throw problem(
      source,
      "patchedDependencies",
      "it patches packages",
      "Patches of pnpm are not applied here: depend on a published version that has the change.",
    )
  const about = isRecord(lock.packages) ? lock.packages : {}
  const snapshots = isRecord(lock.snapshots) ? lock.snapshots : about
  const found = new Map<string, Omit<LockedPackage, "dependencies">>()
  const skipped = new Set<string>()
  const entries = new Map<string, Entry>()
  for (const [key, snapshot] of Object.entries(snapshots)) {
    const id = format.id(key)
    const base = isRecord(about[key]) ? about[key] : about[key.replace(/\(.*$/s, "")]
    const entry = { ...(isRecord(base) ? base : {}), ...(isRecord(snapshot) ? snapshot : {}) }
    const locked = packageOf(source, key, id, entry)
    if (locked === null) {
      skipped.add(id)
      continue
    }
    found.set(id, locked)
    entries.set(id, isRecord(snapshot) ? snapshot : {})
  }
  checkCount(source, found)
  const targets = (wanted: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(wanted).flatMap(([name, value]) => {
        const id = format.target(name, value)
        if (found.has(id)) return [[name, id]]
        if (skipped.has(id) || value.startsWith("link:")) return []
        throw problem(
          source,
          keyIn(source, name, ` ${value}`),
          `${name} ${value.slice(0, 200)} is needed, which is not in it`,
          "Run `pnpm install` and commit the lock file that it writes.",
          "lock-mismatch",
        )
      }),
    )
  const packages = new Map(
    [...found].map(([id, locked]) => [
      id,
      {
        ...locked,
        dependencies: targets(dependenciesOf(entries.get(id), "dependencies", "optionalDependencies")),
      },
    ]),
  )
  const lockImporters = isRecord(lock.importers) ? lock.importers : { ".": lock }
  const importers: ReadonlyArray<Importer> = [...manifests].map(([path, manifest]) => {
    const importer = lockImporters[path === "" ? "." : path]
    const own = isRecord(importer) ? importer : {}
    checkImporter(source, lock, path, own, manifest)
    const versions = (names: ReadonlyArray<string>) =>
      Object.assign({}, ...names.map((name) => versionsOf(own[name])))
    const runtime: Record<string, string> = versions(sections.runtime)
    const development: Record<string, string> = versions(sections.development)
    const links = Object.entries({ ...development, ...runtime }).filter(([, value]) =>
      value.startsWith("link:"),
    )
    return {
      path,
      runtime: targets(runtime),
      development: targets(development),
      members: Object.fromEntries(
        links.map(([name, value]) => [name, joined(path, value.slice("link:".length))]),
      ),
    }
  })
  return { packages, importers, top: new Map() }
}
