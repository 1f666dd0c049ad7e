import type { LockSource } from "../lock/Locked.ts"
import { isRecord } from "../PackageJson.ts"
import {
  fileName,
  type LockedPackage,
  needsOf,
  normalise,
  type PythonLock,
  records,
  strings,
  textOr,
  textOrNull,
} from "./PythonLock.ts"

type Entry = Readonly<Record<string, unknown>>

const originOf = (entry: Entry): string | null => {
  const kind = ["git", "path", "url"].find((each) => typeof entry[each] === "string")
  return kind === undefined ? null : `${kind} ${textOr(entry[kind], "")}`
}

/** What is needed with extras has an entry of its own in PDM's lock file, beside the package's: they are joined. */
const join = (entries: ReadonlyArray<LockedPackage>): ReadonlyArray<LockedPackage> => {
  const joined = new Map<string, LockedPackage>()
  for (const each of entries) {
    const key = `${each.name} ${each.version}`
    const other = joined.get(key)
    joined.set(
      key,
      other === undefined
        ? each
        : {
            ...other,
            files: other.files.length > 0 ? other.files : each.files,
            needs: [...other.needs, ...each.needs],
            extras: { ...other.extras, ...each.extras },
          },
    )
  }
  return [...joined.values()]
}

/** `lateFiles`: to PDM 2.7 the files of all packages are at the end, by name and version. */
const packageOf = (source: LockSource, entry: Entry, lateFiles: Entry): LockedPackage => {
  const needs = needsOf(strings(entry.dependencies))
  const files = entry.files ?? lateFiles[`${textOr(entry.name, "")} ${textOr(entry.version, "")}`]
  const extras = strings(entry.extras).map(normalise)
  return {
    name: normalise(textOr(entry.name, "")),
    version: textOr(entry.version, ""),
    marker: textOrNull(entry.marker),
    files: records(files).map(({ file, url, hash }) => {
      const address = textOrNull(url)
      return {
        name: address === null ? textOr(file, "") : fileName(source, address),
        url: address,
        hash: textOr(hash, ""),
      }
    }),
    needs: extras.length === 0 ? needs : [],
    extras: Object.fromEntries(extras.map((extra) => [extra, needs])),
    origin: originOf(entry),
  }
}

/** PDM's lock file (4.x, of PDM 2): what the project needs stands in its pyproject.toml. */
export const parsePdmLock = (source: LockSource, lock: Entry, pyproject: Entry): PythonLock => {
  const project = isRecord(pyproject.project) ? pyproject.project : {}
  const metadata = isRecord(lock.metadata) ? lock.metadata : {}
  const lateFiles = isRecord(metadata.files) ? metadata.files : {}
  return {
    packages: join(records(lock.package).map((entry) => packageOf(source, entry, lateFiles))),
    roots: needsOf(strings(project.dependencies)),
  }
}

/** `pylock.toml` (PEP 751), as `pip lock` and others write it: no graph, but exactly what is installed. */
export const parsePylock = (source: LockSource, lock: Entry): PythonLock => {
  const packages = records(lock.packages).map((entry): LockedPackage => {
    const kind = ["vcs", "directory", "archive"].find((each) => isRecord(entry[each]))
    return {
      name: normalise(textOr(entry.name, "")),
      version: textOr(entry.version, ""),
      marker: textOrNull(entry.marker),
      files: records(entry.wheels).map(({ name, url, hashes }) => ({
        name: textOr(name, fileName(source, textOr(url, ""))),
        url: textOrNull(url),
        hash: isRecord(hashes) ? `sha256:${textOr(hashes.sha256, "")}` : "",
      })),
      needs: [],
      extras: {},
      origin: kind ?? null,
    }
  })
  return {
    packages,
    roots: packages.map(({ name, marker }) => ({ name, extras: [], marker, version: null })),
  }
}
