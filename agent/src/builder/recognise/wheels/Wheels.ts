import { Result } from "effect"
import type { BuildFailed } from "../../BuildFailed.ts"
import { LockProblem, type LockSource, problem } from "../lock/Locked.ts"
import { isRecord } from "../PackageJson.ts"
import { type Offer, seen, type View } from "../Recognised.ts"
import { parseToml } from "../Toml.ts"
import { markerHolds } from "./Marker.ts"
import { parsePdmLock, parsePylock } from "./PdmLock.ts"
import { parsePoetryLock } from "./PoetryLock.ts"
import {
  checkPackages,
  type LockedFile,
  type LockedPackage,
  type Need,
  needsOf,
  type PythonLock,
  strings,
} from "./PythonLock.ts"
import { parseUvLock } from "./UvLock.ts"
import { wheelRank, wheelUrl } from "./WheelFile.ts"

type Entry = Readonly<Record<string, unknown>>

const parsers: Readonly<
  Record<string, readonly [string, (source: LockSource, lock: Entry, pyproject: Entry) => PythonLock]>
> = {
  "uv.lock": ["uv", parseUvLock],
  "poetry.lock": ["Poetry", parsePoetryLock],
  "pdm.lock": ["PDM", parsePdmLock],
  "pylock.toml": ["pip", parsePylock],
}

/** One file that is fetched by its hash. */
export interface Wheel {
  readonly package: string
  readonly version: string
  readonly name: string
  readonly url: string
  readonly hash: string
}

export interface Wheels {
  /** By the Python that they are for; null when no file is known. */
  readonly byPython: Readonly<Record<string, ReadonlyArray<Wheel>>> | null
  readonly reasoning: ReadonlyArray<string>
}

/** Where the package set's own is known only when it is evaluated, it is one of these. */
const pythons = ["3.11", "3.12", "3.13", "3.14"]
/** Older lock files leave them out: they are part of every environment that pip makes. */
const assumed = new Set(["pip", "setuptools", "wheel", "distribute"])
const fromSet = 'or take all packages from the package set: `[build]`, `packages = "set"` in a skypanel.toml.'

interface Target {
  readonly python: string
  readonly cpu: string
}

type ByName = ReadonlyMap<string, ReadonlyArray<LockedPackage>>

const chosen = (source: LockSource, byName: ByName, need: Need, target: Target): LockedPackage | null => {
  const named = byName.get(need.name) ?? []
  const fitting = named.filter(
    ({ version, marker }) =>
      (need.version === null || need.version === version) &&
      (marker === null || markerHolds(marker, { ...target, extra: "" })),
  )
  if (fitting.length === 1) return fitting[0]!
  if (fitting.length > 1)
    throw problem(
      source,
      `"${need.name}"`,
      `${need.name} has ${fitting.length} versions for Python ${target.python}`,
      "Ask for one version of it that fits every Python that the project allows, and make the lock file again.",
    )
  if (named.length > 0 || assumed.has(need.name)) return null
  throw problem(
    source,
    1,
    `${need.name} is asked for, which is not in it`,
    "Make the lock file again and commit it.",
    "lock-mismatch",
  )
}

const wheelOf = (source: LockSource, found: LockedPackage, { python, cpu }: Target): Wheel => {
  const { name, version, files, origin } = found
  if (origin !== null)
    throw problem(
      source,
      `"${name}"`,
      `${name} comes from ${origin.slice(0, 200)}`,
      `Depend on a published version of it, ${fromSet}`,
    )
  let best: LockedFile | null = null
  let rank = 0
  for (const file of files) {
    const own = wheelRank(file.name, python, cpu) ?? 0
    if (own > rank) [best, rank] = [file, own]
  }
  if (best === null)
    throw problem(
      source,
      `"${name}"`,
      `${name} ${version} has no wheel for Python ${python} on this system`,
      `Its source would have to be compiled: choose a version that has wheels, ${fromSet}`,
    )
  const hex = /^sha256:([0-9a-f]{64})$/.exec(best.hash)?.[1]
  const url = wheelUrl(source.registry, name, best)
  if (hex === undefined || !/^https?:\/\/[^\s"\\]{1,2000}$/.test(url))
    throw problem(
      source,
      best.name,
      `${best.name} has no address and SHA-256 hash`,
      "Make the lock file again with a newer version of the package manager.",
    )
  return {
    package: name,
    version,
    name: best.name.replace(/[^A-Za-z0-9+._-]/g, "-").slice(0, 200),
    url,
    hash: `sha256-${Buffer.from(hex, "hex").toString("base64")}`,
  }
}

/** Everything that the project needs with this Python, each once. */
const wheelsFor = (source: LockSource, lock: PythonLock, target: Target): ReadonlyArray<Wheel> => {
  const byName: ByName = Map.groupBy(lock.packages, ({ name }) => name)
  const extrasOf = new Map<LockedPackage, Set<string>>()
  const open: Array<Need> = []
  const holds = (need: Need, extras: ReadonlyArray<string>) =>
    need.marker === null || ["", ...extras].some((extra) => markerHolds(need.marker!, { ...target, extra }))
  for (const need of lock.roots) if (holds(need, [])) open.push(need)
  for (let need = open.pop(); need !== undefined; need = open.pop()) {
    const found = chosen(source, byName, need, target)
    if (found === null) continue
    const known = extrasOf.get(found)
    const extras = known ?? new Set<string>()
    if (known !== undefined && need.extras.every((each) => extras.has(each))) continue
    for (const each of need.extras) extras.add(each)
    extrasOf.set(found, extras)
    const own = [...extras].flatMap((extra) =>
      Object.hasOwn(found.extras, extra) ? found.extras[extra]! : [],
    )
    for (const each of [...found.needs, ...own]) if (holds(each, [...extras])) open.push(each)
  }
  return [...extrasOf.keys()]
    .map((found) => wheelOf(source, found, target))
    .sort((one, other) => (one.package < other.package ? -1 : 1))
}

/** What the project asks for now has to be what the lock file was made for. */
const checkProject = (source: LockSource, lock: PythonLock, pyproject: Entry) => {
  const project = isRecord(pyproject.project) ? pyproject.project : {}
  const there = new Set(lock.roots.map(({ name }) => name))
  const missing = needsOf(strings(project.dependencies)).find(({ name }) => !there.has(name))
  if (missing !== undefined)
    throw problem(
      source,
      1,
      `the pyproject.toml asks for ${missing.name}, which is not in it`,
      "Make the lock file again and commit it.",
      "lock-mismatch",
    )
}

const allOf = (source: LockSource, lock: PythonLock, offer: Offer) => {
  if (offer.python !== null)
    return { [offer.python]: wheelsFor(source, lock, { python: offer.python, cpu: offer.cpu }) }
  const found: Record<string, ReadonlyArray<Wheel>> = {}
  let last: unknown
  for (const python of pythons)
    try {
      found[python] = wheelsFor(source, lock, { python, cpu: offer.cpu })
    } catch (error) {
      last = error
    }
  if (Object.keys(found).length === 0) throw last
  return found
}

/** The wheels that a lock file stands for; null when there is none that says which files they are. */
export const wheelsOf = (view: View, offer: Offer): Result.Result<Wheels | null, BuildFailed> => {
  const file = Object.keys(parsers).find((name) => view.has(name))
  if (file === undefined) return Result.succeed(null)
  const [manager, parse] = parsers[file]!
  return Result.gen(function* () {
    const document = yield* parseToml(view.text(file), file)
    const pyproject = yield* parseToml(view.text("pyproject.toml"), "pyproject.toml")
    const source: LockSource = { file, text: view.text(file) ?? "", registry: offer.wheels, cpu: offer.cpu }
    try {
      const lock = parse(source, document, pyproject)
      checkPackages(source, lock.packages)
      if (file !== "pylock.toml") checkProject(source, lock, pyproject)
      const byPython = allOf(source, lock, offer)
      const count = Math.max(...Object.values(byPython).map((each) => each.length))
      return { byPython, reasoning: [seen(file, `${manager}, ${count} ${count === 1 ? "wheel" : "wheels"}`)] }
    } catch (error) {
      if (error instanceof LockProblem) return yield* Result.fail(error.failure)
      throw error
    }
  })
}
