import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { download, locate, refreshLists, resolve } from "./debian.mjs"
import { readJsonIfThere, writeJson } from "./files.mjs"
import { progress } from "./run.mjs"
import { absentOf, addFixed, allValid, fixedPath, keep } from "./store.mjs"

const namesOf = (...groups) => [...new Set(groups.flatMap((each) => Object.values(each).flat()))]

/** What most services need; toolchains are large, and downloaded when the first service asks for one. */
const everydayOf = ({ bootstrap, debian, python, pythonPrograms }) =>
  namesOf(bootstrap, debian, python, pythonPrograms)

const rootsOf = (wanted) => [...new Set([...everydayOf(wanted), ...namesOf(wanted.toolchains)])]

/** Those of `packages` that `names` need. */
const neededBy = (packages, names) => {
  const byName = new Map(packages.map((entry) => [entry.name, entry]))
  const open = [...names]
  const needed = new Set()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const entry = byName.get(name)
    if (entry === undefined || needed.has(entry)) continue
    needed.add(entry)
    open.push(...entry.depends)
  }
  return [...needed]
}

/** The files of `packages` are in the store and stay there. */
const bring = async (data, packages) => {
  const storePaths = packages.map((entry) => entry.storePath)
  const absent = await absentOf(storePaths)
  const missing = packages.filter((entry) => absent.has(entry.storePath))
  const folder = await mkdtemp(join(data, "debs-"))
  try {
    await download(missing, folder)
    await addFixed(missing.map((entry) => join(folder, entry.file)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  await keep(storePaths, join(data, "roots", "debs", "deb"))
}

/**
 * The lock: which Debian packages, at which version and hash. Made once, and anew with `update` or other wishes; what was
 * not downloaded until now is looked up anew, since the archive has only its newest versions.
 * Afterwards every file that is needed is in the store and kept there.
 */
export const lockOf = async (data, wanted, { update, toolchains }) => {
  const path = join(data, "debian.lock.json")
  const roots = rootsOf(wanted)
  const needed = toolchains ? roots : everydayOf(wanted)
  const old = await readJsonIfThere(path)
  const known =
    old !== undefined && !update && JSON.stringify(old.roots) === JSON.stringify(roots) ? old.packages : []
  const paths = neededBy(known, needed).map((entry) => entry.storePath)
  if (paths.length > 0 && (await allValid(paths))) return old
  await refreshLists()
  progress(`resolving ${roots.length} Debian packages`)
  const absent = await absentOf(known.map((entry) => entry.storePath))
  const kept = new Map(known.flatMap((entry) => (absent.has(entry.storePath) ? [] : [[entry.name, entry]])))
  const entries = await locate(await resolve(roots))
  const packages = entries.map(
    (entry) => kept.get(entry.name) ?? { ...entry, storePath: fixedPath(entry.file, entry.sha256) },
  )
  await bring(data, neededBy(packages, needed))
  const lock = { roots, packages }
  await writeJson(path, lock)
  return lock
}
