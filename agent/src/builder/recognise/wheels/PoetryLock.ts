import type { LockSource } from "../lock/Locked.ts"
import { isRecord } from "../PackageJson.ts"
import {
  type LockedPackage,
  type Need,
  needsOf,
  normalise,
  type PythonLock,
  records,
  strings,
  textOr,
  textOrNull,
} from "./PythonLock.ts"

type Entry = Readonly<Record<string, unknown>>

/** Poetry's way to say what is needed: `name = "^1"`, a table, or several of them for several systems. */
const needsOfPoetry = (dependencies: unknown): ReadonlyArray<Need> =>
  Object.entries(isRecord(dependencies) ? dependencies : {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => {
      const about: Entry = isRecord(each) ? each : {}
      return {
        name: normalise(name),
        extras: strings(about.extras).map(normalise),
        marker: textOrNull(about.markers),
        version: null,
      }
    }),
  )

/** `markers` of a package are one text, or one for each group. */
const markerOf = (markers: unknown): string | null => {
  if (typeof markers === "string") return markers
  return isRecord(markers) ? textOrNull(markers.main) : null
}

const originOf = (source: unknown): string | null => {
  if (!isRecord(source) || source.type === "legacy") return null
  return `${textOr(source.type, "")} ${textOr(source.url, "")}`
}

const packageOf = (entry: Entry, metadataFiles: Entry): LockedPackage => {
  const files = records(entry.files ?? metadataFiles[textOr(entry.name, "")])
  return {
    name: normalise(textOr(entry.name, "")),
    version: textOr(entry.version, ""),
    marker: markerOf(entry.markers),
    files: files.map(({ file, hash }) => ({ name: textOr(file, ""), url: null, hash: textOr(hash, "") })),
    needs: needsOfPoetry(entry.dependencies),
    extras: {},
    origin: originOf(entry.source),
  }
}

/** Poetry's lock file (1.0 to 2.1): what the project needs stands in its pyproject.toml. */
export const parsePoetryLock = (_: LockSource, lock: Entry, pyproject: Entry): PythonLock => {
  const metadata = isRecord(lock.metadata) ? lock.metadata : {}
  const files = isRecord(metadata.files) ? metadata.files : {}
  const project = isRecord(pyproject.project) ? pyproject.project : {}
  const tool = isRecord(pyproject.tool) && isRecord(pyproject.tool.poetry) ? pyproject.tool.poetry : {}
  const { python: _python, ...dependencies } = isRecord(tool.dependencies) ? tool.dependencies : {}
  const isOptional = (value: unknown) => isRecord(value) && value.optional === true
  const wanted = Object.fromEntries(Object.entries(dependencies).filter(([, value]) => !isOptional(value)))
  return {
    packages: records(lock.package).map((entry) => packageOf(entry, files)),
    roots: [...needsOf(strings(project.dependencies)), ...needsOfPoetry(wanted)],
  }
}
