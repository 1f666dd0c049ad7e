import { type LockSource, problem } from "../lock/Locked.ts"
import { isRecord } from "../PackageJson.ts"
import {
  fileName,
  type LockedPackage,
  type Need,
  normalise,
  type PythonLock,
  records,
  strings,
  textOr,
  textOrNull,
} from "./PythonLock.ts"

type Entry = Readonly<Record<string, unknown>>

const needsOfUv = (value: unknown): ReadonlyArray<Need> =>
  records(value).map((each) => ({
    name: normalise(textOr(each.name, "")),
    extras: strings(each.extra).map(normalise),
    marker: textOrNull(each.marker),
    version: textOrNull(each.version),
  }))

/** `git`, `url` and `directory` are said as they stand there; the project itself is `.`. */
const originOf = (source: unknown): string | null => {
  if (!isRecord(source) || typeof source.registry === "string") return null
  const [kind, place] = Object.entries(source)[0] ?? ["", ""]
  return `${kind} ${textOr(place, "")}`
}

const isProject = ({ source }: Entry) =>
  isRecord(source) && [source.virtual, source.editable, source.directory].includes(".")

const packageOf = (source: LockSource, entry: Entry): LockedPackage => {
  const wheels = records(entry.wheels).flatMap(({ url, hash }) => {
    const address = textOr(url, "")
    return /^https?:\/\//.test(address)
      ? [{ name: fileName(source, address), url: address, hash: textOr(hash, "") }]
      : []
  })
  const optional = entry["optional-dependencies"]
  return {
    name: normalise(textOr(entry.name, "")),
    version: textOr(entry.version, ""),
    marker:
      strings(entry["resolution-markers"])
        .map((each) => `(${each})`)
        .join(" or ") || null,
    files: wheels,
    needs: needsOfUv(entry.dependencies),
    extras: isRecord(optional)
      ? Object.fromEntries(
          Object.entries(optional).map(([extra, needs]) => [normalise(extra), needsOfUv(needs)]),
        )
      : {},
    origin: originOf(entry.source),
  }
}

/** The lock file of uv: a graph, with the address and the hash of every file. */
export const parseUvLock = (source: LockSource, lock: Entry): PythonLock => {
  const entries = records(lock.package)
  const project = entries.find(isProject)
  if (project === undefined)
    throw problem(
      source,
      1,
      "it has no entry for the project itself",
      "Run `uv lock` in the project's folder and commit the lock file that it writes.",
      "lock-mismatch",
    )
  return {
    packages: entries.filter((entry) => entry !== project).map((entry) => packageOf(source, entry)),
    roots: needsOfUv(project.dependencies),
  }
}
