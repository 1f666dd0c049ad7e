import { randomUUID } from "node:crypto"
import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"

const read = (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null
    throw error
  })

/**
 * A file with a key of ours, readable by us only: written whole in `incoming` and linked to its place. One that another
 * process made there meanwhile stays.
 */
export const writeKeyFile = async (
  file: string,
  content: string,
  incoming = dirname(file),
): Promise<void> => {
  await mkdir(incoming, { recursive: true })
  const temporary = join(incoming, `${basename(file)}.${randomUUID()}`)
  const handle = await open(temporary, "wx", 0o600)
  try {
    await handle.writeFile(`${content}\n`)
    await handle.sync()
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
  } finally {
    await handle.close()
    await rm(temporary, { force: true })
  }
}

/** What a file with a key of ours holds: made at the first start, readable by us only, and the same from then on. */
export const ensureKeyFile = async (file: string, make: () => string): Promise<string> => {
  if ((await read(file)) === null) await writeKeyFile(file, make())
  await chmod(file, 0o600)
  return (await read(file)) ?? ""
}
