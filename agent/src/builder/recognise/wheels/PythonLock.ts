import type { LockSource } from "../lock/Locked.ts"
import { problem } from "../lock/Locked.ts"
import { isRecord } from "../PackageJson.ts"

/** What a package, or the project, needs. */
export interface Need {
  readonly name: string
  readonly extras: ReadonlyArray<string>
  readonly marker: string | null
  /** Which of several versions, where the lock file says it. */
  readonly version: string | null
}

export interface LockedFile {
  readonly name: string
  /** Null where the lock file has only the name. */
  readonly url: string | null
  /** `sha256:…` in hexadecimal, or something else that is not taken. */
  readonly hash: string
}

export interface LockedPackage {
  readonly name: string
  readonly version: string
  /** When this version is the one; null: always. */
  readonly marker: string | null
  readonly files: ReadonlyArray<LockedFile>
  readonly needs: ReadonlyArray<Need>
  /** Needs of those who ask for one of its extras. */
  readonly extras: Readonly<Record<string, ReadonlyArray<Need>>>
  /** Where it comes from when that is not an index of packages. */
  readonly origin: string | null
}

export interface PythonLock {
  readonly packages: ReadonlyArray<LockedPackage>
  /** What the project itself needs. */
  readonly roots: ReadonlyArray<Need>
}

type Entry = Readonly<Record<string, unknown>>
export const records = (value: unknown): ReadonlyArray<Entry> =>
  Array.isArray(value) ? value.filter(isRecord) : []
export const strings = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : []
export const textOr = (value: unknown, other: string): string => (typeof value === "string" ? value : other)
export const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null)

/** The file's name at the end of an address. */
export const fileName = (source: LockSource, url: string): string => {
  const name = url.split(/[?#]/, 1)[0]!.split("/").at(-1)!
  try {
    return decodeURIComponent(name)
  } catch {
    throw problem(source, name, `“${name.slice(0, 100)}” is no name of a file`, "Make it again.")
  }
}

export const normalise = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-")

/** `name[extra] >= 1 ; marker`, as PEP 508 has it; null when it is none. */
export const needOf = (requirement: string): Need | null => {
  if (requirement.length > 2000) return null
  const found = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?([^;]*)(?:;(.*))?$/s.exec(requirement)
  if (found === null) return null
  const [, name, extras, , marker] = found
  return {
    name: normalise(name!),
    extras: (extras ?? "").split(",").flatMap((each) => (each.trim() === "" ? [] : [normalise(each.trim())])),
    marker: marker?.trim() ?? null,
    version: null,
  }
}

export const needsOf = (requirements: ReadonlyArray<string>): ReadonlyArray<Need> =>
  requirements.flatMap((each) => needOf(each) ?? [])

const packagesMax = 2000
const filesMax = 20_000

/** Names and versions become parts of names and URLs; hashes and files are counted before anything is done with them. */
export const checkPackages = (source: LockSource, packages: ReadonlyArray<LockedPackage>): void => {
  if (packages.length > packagesMax)
    throw problem(source, 1, `it has more than ${packagesMax} packages`, "Remove what is not needed.")
  if (packages.reduce((sum, { files }) => sum + files.length, 0) > filesMax)
    throw problem(source, 1, `it has more than ${filesMax} files`, "Remove what is not needed.")
  for (const { name, version } of packages)
    if (!/^[a-z0-9][a-z0-9-]{0,120}$/.test(name) || !/^[A-Za-z0-9.+!_-]{0,100}$/.test(version))
      throw problem(
        source,
        name.slice(0, 100),
        `“${name.slice(0, 100)}” ${version.slice(0, 100)} is no name and version of a package`,
        "Make it again.",
      )
}
