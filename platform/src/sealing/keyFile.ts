import { randomUUID } from "node:crypto"
import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises"
import { dirname } from "node:path"

const read = (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null
    throw error
  })

/** Written whole beside its place and linked there, which fails when another process was first. */
const write = async (file: string, content: string): Promise<void> => {
  const temporary = `${file}.${randomUUID()}`
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
  await mkdir(dirname(file), { recursive: true })
  if ((await read(file)) === null) await write(file, make())
  await chmod(file, 0o600)
  return (await read(file)) ?? ""
}
