import { posix } from "node:path"
import { learnedHashesPerBuild } from "@skypanel/contract/LearnedHash"
import { type Learns, lockDigest } from "../../learn/Learns.ts"
import type { Settings } from "../Recognised.ts"
import { layOut } from "./Layout.ts"
import { type Lock, type LockedPackage, type LockSource, problem } from "./Locked.ts"

const fileName = (name: string, version: string) =>
  `${name.replace(/^@/, "").replaceAll("/", "-")}-${version}`.replace(/[^A-Za-z0-9+._-]/g, "-").slice(0, 180)

/** An archive of Yarn that the lock file has no checksum of, and that is not in the repository. */
const archiveOf = ({ name, version, url, integrity, yarn }: LockedPackage): Learns | null => {
  if (yarn === undefined || yarn.file !== null || integrity !== "") return null
  const lock = lockDigest(`${name}@npm:${version}\n${yarn.cacheKey}\n`)
  const file = `${fileName(name, version)}-${lock.slice(7, 15)}.zip`
  return {
    kind: "yarn-archive",
    subject: `${name} ${version}`,
    lock,
    name: file,
    url,
    yarn: { ...yarn, ident: name },
  }
}

/** What a lock file has no hash of. */
export const learnsOf = (source: LockSource, lock: Lock): ReadonlyArray<Learns> => {
  const learns = [...lock.packages.values()].flatMap((each) => archiveOf(each) ?? [])
  if (learns.length > learnedHashesPerBuild)
    throw problem(
      source,
      1,
      `it has no checksum of more than ${learnedHashesPerBuild} packages`,
      "Commit their archives in .yarn/cache (`enableGlobalCache: false`).",
    )
  return learns
}

/** What the builder installs: each package once, and where it is linked. */
export const installationOf = (
  lock: Lock,
  hoist: "private" | "public",
  scripts: ReadonlyArray<string> | null,
): Settings => {
  const numbers = new Map<string, number>()
  const tarballs: Array<Settings> = []
  const byUrl = new Map<string, number>()
  for (const [id, locked] of lock.packages) {
    const { name, version, url, integrity, yarn } = locked
    const known = byUrl.get(url)
    numbers.set(id, known ?? tarballs.length)
    if (known !== undefined) continue
    byUrl.set(url, tarballs.length)
    const learns = archiveOf(locked)
    if (learns !== null) tarballs.push({ name: learns.name, lock: learns.lock })
    else
      tarballs.push({
        url,
        hash: integrity,
        name: `${fileName(name, version)}.${yarn === undefined ? "tgz" : "zip"}`,
        ...(yarn === undefined ? {} : { yarn: { ...yarn, ident: name } }),
      })
  }
  const layout = (withDevelopment: boolean) =>
    layOut(lock, (id) => numbers.get(id)!, { withDevelopment, hoist })
  const members = lock.importers.flatMap((importer) =>
    Object.entries(importer.members).map(([name, folder]) => {
      const path = posix.join(importer.path, "node_modules", name)
      return [path, posix.relative(posix.dirname(path), folder)]
    }),
  )
  return {
    tarballs,
    build: layout(true),
    runtime: layout(false),
    folders: lock.importers.map(({ path }) => path),
    members,
    scripts,
  }
}
