import { chmod, mkdir, readdir, readFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { generateSecretKey, parseSecretKey, type SecretKey } from "../domain/artifacts/signature.ts"
import { writeKeyFile } from "../sealing/keyFile.ts"

/** The secret keys of the data folder: `artifacts/signing-keys/<name>`, each readable by us only. */
export interface KeyFiles {
  /** All of them, in the order of their numbers. */
  readonly read: () => Promise<ReadonlyArray<SecretKey>>
  /** A key that another process made under this name meanwhile stays; it is the one that is given back. */
  readonly make: (name: string) => Promise<SecretKey>
  readonly remove: (name: string) => Promise<void>
}

const numberOf = (name: string): number => Number(/(\d+)$/.exec(name)?.[1] ?? 0)

/** `skypanel-3` after `skypanel-2`: the highest number there was, and one more. */
export const nextKeyName = (first: string, names: ReadonlyArray<string>): string =>
  names.length === 0
    ? first
    : `${first.replace(/-?\d+$/, "")}-${Math.max(numberOf(first), ...names.map(numberOf)) + 1}`

const readKey = async (file: string): Promise<SecretKey> => {
  await chmod(file, 0o600)
  const key = parseSecretKey(await readFile(file, "utf8"))
  if (key === null) throw new Error(`${file} holds no signing key of Nix`)
  return key
}

/** Where the one key of earlier versions was. */
const adoptOldKey = async (artifacts: string, folder: string): Promise<void> => {
  const old = join(artifacts, "signing-key")
  const key = await readKey(old).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null
    throw error
  })
  if (key !== null) await rename(old, join(folder, key.name))
}

export const openKeyFiles = async (dataFolder: string): Promise<KeyFiles> => {
  const artifacts = join(dataFolder, "artifacts")
  const folder = join(artifacts, "signing-keys")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await adoptOldKey(artifacts, folder)
  return {
    read: async () => {
      const keys = await Promise.all((await readdir(folder)).map((name) => readKey(join(folder, name))))
      return keys.sort((a, b) => numberOf(a.name) - numberOf(b.name))
    },
    make: async (name) => {
      const file = join(folder, name)
      // What a killed platform left of it is swept away by NarFiles, and is not taken for a key.
      await writeKeyFile(file, generateSecretKey(name), join(artifacts, "incoming"))
      return readKey(file)
    },
    remove: (name) => rm(join(folder, name), { force: true }),
  }
}
