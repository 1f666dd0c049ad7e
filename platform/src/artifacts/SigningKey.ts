import { randomUUID } from "node:crypto"
import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { Context, Effect, Layer } from "effect"
import { generateSecretKey, parseSecretKey, type SecretKey } from "../domain/artifacts/signature.ts"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import { StorageFailed } from "./errors.ts"

const readKey = (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null
    throw error
  })

/** Written whole beside its place and linked there, which fails when another process was first. */
const makeKey = async (file: string, name: string): Promise<void> => {
  const temporary = `${file}.${randomUUID()}`
  const handle = await open(temporary, "wx", 0o600)
  try {
    await handle.writeFile(`${generateSecretKey(name)}\n`)
    await handle.sync()
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
  } finally {
    await handle.close()
    await rm(temporary, { force: true })
  }
}

const load = async (folder: string, name: string): Promise<SecretKey> => {
  const file = join(folder, "signing-key")
  await mkdir(folder, { recursive: true })
  if ((await readKey(file)) === null) await makeKey(file, name)
  await chmod(file, 0o600)
  const key = parseSecretKey((await readKey(file)) ?? "")
  if (key === null) throw new Error(`${file} holds no signing key of Nix`)
  return key
}

/** The platform's own key, which signs every path that a builder uploads. Made at the first start, readable by us only. */
export class SigningKey extends Context.Service<SigningKey, SecretKey>()("platform/artifacts/SigningKey") {
  static readonly layer = Layer.effect(
    SigningKey,
    Effect.gen(function* () {
      const { dataFolder, keyName } = yield* ArtifactConfig
      return yield* Effect.tryPromise({
        try: () => load(join(dataFolder, "artifacts"), keyName),
        catch: (cause) => new StorageFailed({ message: `the signing key: ${(cause as Error).message}` }),
      })
    }),
  )
}
