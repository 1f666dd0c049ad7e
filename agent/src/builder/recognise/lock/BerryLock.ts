import { isRecord, texts } from "../PackageJson.ts"
import { parsePlainYaml } from "../PlainYaml.ts"
import {
  checkCount,
  checkName,
  dependenciesOf,
  type Importer,
  type Lock,
  type LockedPackage,
  type LockSource,
  problem,
  tarballUrl,
} from "./Locked.ts"
import { isForHere } from "./Platform.ts"

type Entry = Readonly<Record<string, unknown>>
type Locked = Omit<LockedPackage, "dependencies">

const again = "Make it again with `yarn install`."

/** What a lock file of Yarn 2 and newer says of itself is where every other has nothing. */
export const isBerryLock = (text: string): boolean => /^__metadata:/m.test(text)

const parseLock = (source: LockSource): Entry => {
  const parsed = parsePlainYaml(source.text)
  if ("line" in parsed) throw problem(source, parsed.line, "it is not valid YAML", again)
  if (isRecord(parsed.value)) return parsed.value
  throw problem(source, 1, "it is not a lock file of Yarn", again)
}

/** `10c0`: the version of Yarn's archives, and how they are compressed. The archives of Yarn 2 are nobody's any more. */
const cacheKeyOf = (source: LockSource, lock: Entry): string => {
  const key = isRecord(lock.__metadata) ? String(lock.__metadata.cacheKey) : ""
  if (/^(?:8|10)(?:c\d)?$/.test(key)) return key
  throw problem(
    source,
    "__metadata",
    `its archives are of the version “${key.slice(0, 20)}”`,
    "Known are those of Yarn 3 and 4: run `yarn set version stable` and `yarn install`.",
  )
}

/** `a@npm:1.0.0`; what follows `::` says how it was fetched. */
const resolutionOf = (
  entry: Entry,
): { readonly name: string; readonly kind: string; readonly rest: string } => {
  const text = typeof entry.resolution === "string" ? entry.resolution : ""
  const [, name = "", kind = "", rest = ""] = /^(@?[^@]+)@([a-z+]+):(.*)$/s.exec(text) ?? []
  return { name, kind, rest: rest.replace(/::.*$/s, "") }
}

/** `os=linux & cpu=x64`, as other lock files say it. */
const systemsOf = (conditions: unknown) => {
  const words = typeof conditions === "string" && conditions.length < 1000 ? conditions : ""
  const named = (key: string) =>
    [...words.matchAll(new RegExp(`\\b${key}=([\\w-]+)`, "g"))].map((each) => each[1])
  return { os: named("os"), cpu: named("cpu"), libc: named("libc") }
}

/** The archive in the repository's `.yarn/cache`; its name ends in what it was checked by. */
const cachedFile = (source: LockSource, name: string, version: string, end: string): string | undefined => {
  const start = `${name.replace("/", "-")}-npm-${version}-`
  return source.cache?.find(
    (file) =>
      file.startsWith(start) &&
      /^[0-9a-f]{10}-/.test(file.slice(start.length)) &&
      file.endsWith(`-${end}.zip`),
  )
}

const packageOf = (source: LockSource, cacheKey: string, entry: Entry): Locked | null => {
  const { name, kind, rest: version } = resolutionOf(entry)
  if (kind === "workspace" || !isForHere(systemsOf(entry.conditions), source.cpu)) return null
  // Yarn's own patches are for its own way to find packages, and are nothing without it.
  if (kind === "patch" && /builtin<compat\//.test(version)) return null
  if (kind !== "npm")
    throw problem(
      source,
      `resolution: "${name}@${kind}`,
      `${name} is of the kind “${kind}”`,
      "Depend on a published version of it: only packages of a registry can be fetched here.",
    )
  checkName(source, name, version)
  const [, key = cacheKey, hex] = /^(?:([\dc]{1,5})\/)?([0-9a-f]{128})$/.exec(String(entry.checksum)) ?? []
  const file = cachedFile(source, name, version, hex === undefined ? key : hex.slice(0, 10))
  // Of packages that are for some systems only Yarn keeps no checksum.
  if (hex === undefined && file === undefined && entry.conditions === undefined)
    throw problem(source, `"${name}@npm:${version}"`, `there is no checksum of ${name}`, again)
  return {
    name,
    version,
    url: tarballUrl(source, name, version),
    integrity: hex === undefined ? "" : `sha512-${Buffer.from(hex, "hex").toString("base64")}`,
    optional: entry.conditions !== undefined,
    yarn: { cacheKey: key, file: file ?? null },
  }
}

/**
 * The lock file of Yarn 3 and 4. Its checksums are of Yarn's own archives, which the builder makes again from what the
 * registry has, or which are in the repository. `manifests` are the package.json files by their folders.
 */
export const parseBerryLock = (source: LockSource, manifests: ReadonlyMap<string, Entry>): Lock => {
  const lock = parseLock(source)
  const cacheKey = cacheKeyOf(source, lock)
  const resolutions = texts(manifests.get("")?.resolutions)
  const entryOf = new Map<string, Entry>()
  const found = new Map<string, Locked>()
  const entries = Object.entries(lock).filter(([key]) => key !== "__metadata")
  checkCount(source, new Map(entries))
  for (const [key, entry] of entries) {
    if (!isRecord(entry)) continue
    for (const descriptor of key.split(", ")) entryOf.set(descriptor, entry)
    const locked = packageOf(source, cacheKey, entry)
    if (locked !== null) found.set(String(entry.resolution), locked)
  }
  const lookUp = (name: string, range: string): Entry | undefined => {
    const forced = resolutions[name] ?? resolutions[`**/${name}`]
    const ranges = forced === undefined ? [range] : [forced, range]
    return ranges
      .flatMap((each) => [`${name}@${each}`, `${name}@npm:${each}`])
      .map((descriptor) => entryOf.get(descriptor))
      .find((entry) => entry !== undefined)
  }
  const targets = (wanted: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(wanted).flatMap(([name, range]) => {
        const id = String(lookUp(name, range)?.resolution)
        return found.has(id) ? [[name, id]] : []
      }),
    )
  const packages = new Map(
    entries.flatMap(([, entry]) => {
      const id = isRecord(entry) ? String(entry.resolution) : ""
      const locked = found.get(id)
      return locked === undefined
        ? []
        : [[id, { ...locked, dependencies: targets(dependenciesOf(entry, "dependencies")) }] as const]
    }),
  )
  const importers: ReadonlyArray<Importer> = [...manifests].map(([path, manifest]) => {
    const all = dependenciesOf(manifest, "dependencies", "devDependencies", "optionalDependencies")
    const missing = Object.entries(all).find(([name, range]) => lookUp(name, range) === undefined)
    if (missing !== undefined)
      throw problem(
        source,
        `${missing[0]}@`,
        `${path === "" ? "the package.json" : `${path}/package.json`} asks for ${missing.join(" ")}, which is not in it`,
        "Run `yarn install` and commit the lock file that it writes.",
        "lock-mismatch",
      )
    const members = Object.entries(all).flatMap(([name, range]) => {
      const { kind, rest } = resolutionOf(lookUp(name, range)!)
      return kind === "workspace" ? [[name, rest]] : []
    })
    return {
      path,
      runtime: targets(dependenciesOf(manifest, "dependencies", "optionalDependencies")),
      development: targets(dependenciesOf(manifest, "devDependencies")),
      members: Object.fromEntries(members),
    }
  })
  return { packages, importers, top: new Map() }
}
