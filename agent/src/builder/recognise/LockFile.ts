import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Learns } from "../learn/Learns.ts"
import { parseBunLock } from "./lock/BunLock.ts"
import { installationOf, learnsOf } from "./lock/Installation.ts"
import { checkLock, type Lock, LockProblem, type LockSource, problem } from "./lock/Locked.ts"
import { parseNpmLock } from "./lock/NpmLock.ts"
import { parsePnpmLock } from "./lock/PnpmLock.ts"
import { parseYarnLock } from "./lock/YarnLock.ts"
import { isRecord } from "./PackageJson.ts"
import { notRecognised, type Offer, type Settings, seen, type View } from "./Recognised.ts"
import { type Manifest, manifestsOf, pnpmWorkspace } from "./Workspace.ts"

/** The first that is there is taken: npm's, which says best what does not agree, is often beside an older one. */
const managers = {
  "package-lock.json": "npm",
  "npm-shrinkwrap.json": "npm",
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
} as const
type LockFileName = keyof typeof managers
type Manager = (typeof managers)[LockFileName]

/** The lock file of a folder: of the package manager that the package.json names, else the first that there is. */
export const lockFileOf = (view: View): LockFileName | null => {
  const there = (Object.keys(managers) as ReadonlyArray<LockFileName>).filter((name) => view.has(name))
  const named = /"packageManager"\s*:\s*"(\w+)@/.exec(view.text("package.json") ?? "")?.[1]
  return there.find((name) => managers[name] === named) ?? there[0] ?? null
}

/** What the builder installs; null where its own way from npm's lock file is as good. */
export interface Modules {
  readonly modules: Settings | null
  readonly manager: Manager
  readonly members: ReadonlyMap<string, Manifest>
  readonly reasoning: ReadonlyArray<string>
  readonly learns: ReadonlyArray<Learns>
}

const parsers: Record<
  Manager,
  (source: LockSource, manifests: ReadonlyMap<string, Manifest>, members: ReadonlyMap<string, string>) => Lock
> = { npm: parseNpmLock, pnpm: parsePnpmLock, yarn: parseYarnLock, bun: parseBunLock }

/** pnpm 10 runs only the installation scripts that the project allows; the others run all of them. */
const allowedScripts = (manager: Manager, view: View, manifest: Manifest): ReadonlyArray<string> | null => {
  if (manager !== "pnpm") return null
  const own = isRecord(manifest.pnpm) ? manifest.pnpm.onlyBuiltDependencies : undefined
  const listed = own ?? pnpmWorkspace(view).onlyBuiltDependencies
  if (Array.isArray(listed)) return listed.filter((each) => typeof each === "string")
  const major = Number(/^pnpm@(\d{1,3})/.exec(String(manifest.packageManager))?.[1] ?? 0)
  return major >= 10 ? [] : null
}

const nothing = { places: [], links: [] }

/** Of a project that depends on nothing. */
export const noModules: Modules = {
  modules: { tarballs: [], build: nothing, runtime: nothing, folders: [""], members: [], scripts: null },
  manager: "npm",
  members: new Map(),
  reasoning: [seen("no dependencies", "nothing to install")],
  learns: [],
}

/** A member may be linked only to a folder of the repository. */
const checkMembers = (source: LockSource, lock: Lock, view: View) => {
  for (const { members } of lock.importers)
    for (const [name, folder] of Object.entries(members))
      if (!view.has(`${folder}/`))
        throw problem(
          source,
          name,
          `${name} is in the folder ${folder}, which is not there`,
          "Commit the folder, or make the lock file again.",
        )
}

const versionOf = (file: LockFileName, text: string): string =>
  /"?lockfileVersion"?\s*:\s*["']?([\d.]{1,6})/.exec(text)?.[1] ??
  (file === "yarn.lock" ? (/^__metadata:\s+version: (\d{1,3})$/m.exec(text)?.[1] ?? "1") : "")

const yarnCache = ".yarn/cache/"

/** Which packages a folder's lock file stands for, or what is wrong with it. */
export const modulesOf = (
  view: View,
  file: LockFileName,
  offer: Offer,
): Result.Result<Modules, BuildFailed> => {
  const text = view.text(file)
  if (text === undefined)
    return Result.fail(
      notRecognised(`${file} is larger than 4 MiB.`, "Make it again without what is not needed.", file),
    )
  const manager = managers[file]
  const manifests = manifestsOf(view)
  const version = versionOf(file, text)
  const what = `${file}${version === "" ? "" : `, version ${version}`}`
  // npm itself installs from what it wrote since version 7; it knows nothing of a workspace that it does not see whole.
  if (manager === "npm" && manifests.size === 1 && version !== "1")
    return Result.succeed({
      modules: null,
      manager,
      members: manifests,
      reasoning: [seen(what, "npm")],
      learns: [],
    })
  const source: LockSource = {
    file,
    text,
    registry: offer.npmRegistry.replace(/\/+$/, ""),
    cpu: offer.cpu,
    cache: view.paths.flatMap((path) => (path.startsWith(yarnCache) ? [path.slice(yarnCache.length)] : [])),
  }
  try {
    const byName = new Map(
      [...manifests].flatMap(([path, { name }]) =>
        path !== "" && typeof name === "string" ? [[name, path] as const] : [],
      ),
    )
    const lock = parsers[manager](source, manifests, byName)
    checkLock(source, lock)
    checkMembers(source, lock, view)
    const count = `${lock.packages.size} ${lock.packages.size === 1 ? "package" : "packages"}`
    const scripts = allowedScripts(manager, view, manifests.get("") ?? {})
    const learns = learnsOf(source, lock)
    return Result.succeed({
      modules: installationOf(lock, manager === "pnpm" ? "private" : "public", scripts),
      manager,
      members: manifests,
      reasoning: [
        seen(what, `${manager}, ${count}`),
        ...(learns.length === 0
          ? []
          : [
              seen(
                `no checksum of ${learns
                  .map(({ subject }) => subject)
                  .slice(0, 5)
                  .join(", ")}`,
                "learned",
              ),
            ]),
        ...(manifests.size === 1 ? [] : [seen(`workspace`, [...manifests.keys()].slice(1, 11).join(", "))]),
      ],
      learns,
    })
  } catch (error) {
    if (error instanceof LockProblem) return Result.fail(error.failure)
    throw error
  }
}
