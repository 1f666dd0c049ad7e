import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { download, locate, refreshLists, resolve } from "./debian.mjs"
import { readJsonIfThere, writeJson } from "./files.mjs"
import { progress } from "./run.mjs"
import { absentOf, addFixed, allValid, fixedPath, keep } from "./store.mjs"

const rootsOf = ({ bootstrap, debian, python, pythonPrograms }) => [
  ...new Set([bootstrap, debian, python, pythonPrograms].flatMap((each) => Object.values(each).flat())),
]

/**
 * The lock: which Debian packages, at which version and hash. Made once, and anew with `update` or other wishes.
 * Afterwards every file of it is in the store and kept there.
 */
export const lockOf = async (data, wanted, update) => {
  const path = join(data, "debian.lock.json")
  const roots = rootsOf(wanted)
  const old = await readJsonIfThere(path)
  const sameWish = old !== undefined && JSON.stringify(old.roots) === JSON.stringify(roots)
  if (sameWish && !update && (await allValid(old.packages.map((entry) => entry.storePath)))) return old
  await refreshLists()
  progress(`resolving ${roots.length} Debian packages`)
  const entries = await locate(await resolve(roots))
  const packages = entries.map((entry) => ({ ...entry, storePath: fixedPath(entry.file, entry.sha256) }))
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
  const lock = { roots, packages }
  await writeJson(path, lock)
  return lock
}
