import { Result } from "effect"
import { LockProblem, type LockSource, problem } from "../lock/Locked.ts"
import { isRecord } from "../PackageJson.ts"
import type { LockedFile } from "../Recognised.ts"
import { parseToml } from "../Toml.ts"

/** A crate of the registry, in one file. */
export interface Crate {
  readonly name: string
  readonly version: string
  readonly url: string
  /** Its SHA-256 in hexadecimal, as Cargo wants it beside what was unpacked, and as Nix takes it. */
  readonly checksum: string
}

export interface CargoLock {
  /** Of the format; older ones do not say it. */
  readonly version: string
  readonly crates: ReadonlyArray<Crate>
  /** Where it has the checksum of each. */
  readonly locked: ReadonlyArray<LockedFile>
}

const packagesMax = 5000
const cratesIo =
  /^(?:registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index|sparse\+https:\/\/index\.crates\.io\/)$/
const nameSyntax = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const identifiers = "[0-9A-Za-z-]{1,50}(?:\\.[0-9A-Za-z-]{1,50}){0,9}"
const versionSyntax = new RegExp(
  `^\\d{1,20}\\.\\d{1,20}\\.\\d{1,20}(?:-${identifiers})?(?:\\+${identifiers})?$`,
)
const again = "Make it again with `cargo generate-lockfile`, and commit it."

/** Names and versions become parts of paths and addresses. */
const checkName = (source: LockSource, name: unknown, version: unknown): readonly [string, string] => {
  if (
    typeof name === "string" &&
    nameSyntax.test(name) &&
    typeof version === "string" &&
    versionSyntax.test(version)
  )
    return [name, version]
  const shown = (value: unknown) => (typeof value === "string" ? value.slice(0, 100) : "?")
  const where = typeof name === "string" ? `"${name.slice(0, 200)}` : 1
  throw problem(source, where, `“${shown(name)}” ${shown(version)} is no name and version of a crate`, again)
}

const checkOrigin = (lock: LockSource, where: string, name: string, origin: string) => {
  if (cratesIo.test(origin)) return
  const what = origin.startsWith("git+") ? "Git" : "another registry than crates.io"
  throw problem(
    lock,
    where,
    `${name} comes from ${what}`,
    "Depend on a published version; or run `cargo vendor`, and commit vendor/ and the .cargo/config.toml with what it prints.",
  )
}

/** Until Cargo 1.41 the checksums were in a table at the end. */
const oldChecksum = (metadata: unknown, name: string, version: string, origin: string): unknown => {
  const key = `checksum ${name} ${version} (${origin})`
  return isRecord(metadata) && Object.hasOwn(metadata, key) ? metadata[key] : undefined
}

/** Which lines have a checksum at their end, from the top. */
const checksumLines = (text: string): ReadonlyMap<string, Array<number>> => {
  const found = new Map<string, Array<number>>()
  for (const [index, line] of text.split("\n").entries()) {
    const checksum = /"([0-9a-f]{64})"\s*$/.exec(line)?.[1]
    if (checksum === undefined) continue
    const lines = found.get(checksum)
    if (lines === undefined) found.set(checksum, [index + 1])
    else lines.push(index + 1)
  }
  return found
}

const formatOf = (source: LockSource, { version, metadata }: Readonly<Record<string, unknown>>): string => {
  if (version === undefined) return isRecord(metadata) ? "1" : "2"
  if (version === 3 || version === 4) return `${version}`
  throw problem(
    source,
    /^version\s*=/m.exec(source.text)?.[0] ?? 1,
    "it is of a version that is not known here",
    "Versions 1 to 4 are: make it again with a Cargo that writes one of them.",
  )
}

/** What is fetched for a Cargo.lock: each crate of crates.io by its checksum. Folders of the repository are there. */
export const parseCargoLock = (given: LockSource): CargoLock => {
  const source = { ...given, text: given.text.replaceAll("\r\n", "\n") }
  const parsed = parseToml(source.text, source.file)
  if (Result.isFailure(parsed)) throw new LockProblem(parsed.failure)
  const document = parsed.success
  const packages = Array.isArray(document.package) ? document.package.filter(isRecord) : []
  if (packages.length > packagesMax)
    throw problem(source, 1, `it has more than ${packagesMax} packages`, "Remove what is not needed.")
  const crates = new Map<string, Crate>()
  const locked: Array<LockedFile> = []
  const lines = checksumLines(source.text)
  for (const each of packages) {
    if (each.source === undefined) continue
    const [name, version] = checkName(source, each.name, each.version)
    const where = `name = "${name}"\nversion = "${version}"`
    const origin = String(each.source)
    checkOrigin(source, where, name, origin)
    const checksum = each.checksum ?? oldChecksum(document.metadata, name, version, origin)
    if (typeof checksum !== "string" || !/^[0-9a-f]{64}$/.test(checksum))
      throw problem(source, where, `${name} ${version} has no checksum`, again)
    const file = `${name}-${version.replace("+", "%2B")}.crate`
    locked.push({
      name: `${name}-${version}.crate`,
      file: source.file,
      line: lines.get(checksum)?.shift() ?? 1,
    })
    crates.set(`${name} ${version}`, { name, version, url: `${source.registry}/${name}/${file}`, checksum })
  }
  return { version: formatOf(source, document), crates: [...crates.values()], locked }
}
