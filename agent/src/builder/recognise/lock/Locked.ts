import { type BuildFailed, buildFailed } from "../../BuildFailed.ts"
import { isRecord, texts } from "../PackageJson.ts"

/** A package as a lock file has it. */
export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly url: string
  /** Its tarball's hash, as Nix takes it; empty where the lock file has none. */
  readonly integrity: string
  /** Whether everything goes on without it when its installation script fails. */
  readonly optional: boolean
  /** When the hash is of the archive that Yarn 3 or 4 makes of it: its version, and its name in `.yarn/cache`. */
  readonly yarn?: { readonly cacheKey: string; readonly file: string | null }
  /** The name under which each dependency is imported, and the id of the package that it is. */
  readonly dependencies: Readonly<Record<string, string>>
}

/** A folder that has dependencies: the project, or a member of its workspace. */
export interface Importer {
  /** Empty for the project itself. */
  readonly path: string
  readonly runtime: Readonly<Record<string, string>>
  readonly development: Readonly<Record<string, string>>
  /** Names of members of the workspace that it imports, with their folders. */
  readonly members: Readonly<Record<string, string>>
}

export interface Lock {
  readonly packages: ReadonlyMap<string, LockedPackage>
  readonly importers: ReadonlyArray<Importer>
  /** Packages that the lock file itself puts at the top, by name. */
  readonly top: ReadonlyMap<string, string>
}

/** A lock file's text and its name, and what is the same for each of its packages. */
export interface LockSource {
  readonly file: string
  readonly text: string
  readonly registry: string
  readonly cpu: string
  /** Names of the archives in the repository's `.yarn/cache`. */
  readonly cache?: ReadonlyArray<string>
}

/** Thrown by what reads a lock file, caught by who chose it: the parsers are recursive and have one way out. */
export class LockProblem extends Error {
  readonly failure: BuildFailed
  constructor(failure: BuildFailed) {
    super(failure.failure.title)
    this.failure = failure
  }
}

const packagesMax = 5000

/** The first line that has the text. */
const lineWith = (text: string, part: string): number => {
  const at = text.indexOf(part)
  return at < 0 ? 1 : text.slice(0, at).split("\n").length
}

/** `where` is a line, or a part of the first line that has it. */
export const problem = (
  { file, text }: LockSource,
  where: number | string,
  title: string,
  next: string,
  code: "source-not-recognised" | "lock-mismatch" = "source-not-recognised",
): LockProblem => {
  const line = typeof where === "number" ? where : lineWith(text, where)
  return new LockProblem(
    buildFailed(code, `${file}, line ${line}: ${title}.`, next, { location: { file, line, column: 1 } }),
  )
}

const strengths = ["sha512", "sha256", "sha1"]

/** The strongest of the hashes that a lock file gives, in the one form that Nix takes; null when there is none. */
export const integrityOf = (value: unknown): string | null => {
  if (typeof value !== "string") return null
  const hashes = value
    .split(/\s+/)
    .filter((each) => /^sha(?:1|256|512)-[A-Za-z0-9+/]{20,90}={0,2}$/.test(each))
  const found = strengths.flatMap((strength) => hashes.filter((each) => each.startsWith(`${strength}-`)))
  return found[0] ?? null
}

/** npm's public registries: a builder takes their packages from the registry that it is set to. */
const publicRegistry = /^https?:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)\//

export const tarballUrl = (source: LockSource, name: string, version: string): string =>
  `${source.registry}/${name}/-/${name.split("/").at(-1)}-${version}.tgz`

/** Where a package is fetched: only from a registry or another web server, and by its hash. */
export const originOf = (source: LockSource, name: string, version: string, resolved: unknown): string => {
  if (typeof resolved !== "string" || resolved === "") return tarballUrl(source, name, version)
  const url = resolved.split("#", 1)[0]!.replace(publicRegistry, `${source.registry}/`)
  if (/^https?:\/\/[^\s"\\]+$/.test(url)) return url
  throw problem(
    source,
    resolved,
    `${name} comes from ${resolved.slice(0, 200)}`,
    "Depend on a published version of it: only packages of a registry can be fetched here.",
  )
}

export const noIntegrity = (source: LockSource, name: string, part: string): LockProblem =>
  problem(
    source,
    part,
    `${name} has no integrity`,
    "Make the lock file again with a newer version of the package manager.",
  )

const nameSyntax = /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9._~-]+$/

/** Names and versions become parts of paths. */
export const checkName = (source: LockSource, name: string, version: string): void => {
  const isSafe = nameSyntax.test(name) && !/(?:^|\/)\.{1,2}$/.test(name) && name.length <= 214
  if (isSafe && name !== "node_modules" && /^[A-Za-z0-9._+-]{1,100}$/.test(version)) return
  throw problem(source, name, `“${name}” ${version} is no name and version of a package`, "Make it again.")
}

const pathMax = 2000
const pathPartsMax = 50

/** Paths in lock files are walked upwards, again and again. */
export const checkPath = (source: LockSource, path: string): void => {
  if (path.length > pathMax || path.split("/").length > pathPartsMax)
    throw problem(
      source,
      1,
      `it has a path of more than ${pathMax} characters or ${pathPartsMax} folders`,
      "Make it again.",
    )
}

/** Before anything is done for each of them. */
export const checkCount = (source: LockSource, packages: { readonly size: number }): void => {
  if (packages.size > packagesMax)
    throw problem(source, 1, `it has more than ${packagesMax} packages`, "Remove what is not needed.")
}

/** Names under which packages are imported become parts of paths as well. */
export const checkLock = (source: LockSource, { packages, importers }: Lock): void => {
  const importedBy = [
    ...[...packages.values()].map((each) => each.dependencies),
    ...importers.flatMap(({ runtime, development, members }) => [runtime, development, members]),
  ]
  for (const imported of importedBy) for (const name of Object.keys(imported)) checkName(source, name, "0")
}

/** Every kind of dependency that is installed with a package, by name. */
export const dependenciesOf = (
  value: unknown,
  ...fields: ReadonlyArray<string>
): Readonly<Record<string, string>> =>
  isRecord(value) ? Object.assign({}, ...fields.map((field) => texts(value[field]))) : {}
