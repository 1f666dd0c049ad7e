import { readFile, rename, writeFile } from "node:fs/promises"

export const readJson = async (path) => JSON.parse(await readFile(path, "utf8"))

/** Undefined also for a file that was half written by an older program: it is made again. */
export const readJsonIfThere = (path) => readJson(path).catch(() => undefined)

/** Whoever reads it sees the old or the new file, never a part, also when two of us run at once. */
export const writeJson = async (path, value) => {
  const next = `${path}.${process.pid}`
  await writeFile(next, `${JSON.stringify(value, null, 1)}\n`)
  await rename(next, path)
}
