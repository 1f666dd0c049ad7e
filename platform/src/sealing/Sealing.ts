import { join } from "node:path"
import { Context, Effect, Layer, Schema } from "effect"
import { PlatformConfig } from "../config.ts"
import {
  formatSealingKey,
  newSealingKey,
  parseSealingKeys,
  type Sealed,
  type SealingKey,
  seal,
  unseal,
} from "../domain/seal.ts"
import { ensureKeyFile } from "./keyFile.ts"

export class SealingFailed extends Schema.TaggedError<SealingFailed>()("SealingFailed", {
  message: Schema.String,
}) {}

const load = async (file: string) => {
  const keys = parseSealingKeys(await ensureKeyFile(file, () => formatSealingKey(newSealingKey())))
  if (keys === null) throw new Error(`${file} holds a line that is no key`)
  return keys
}

/**
 * Keeps customers' secrets in the database as ciphertext, under a key that is in the platform's data folder and not in
 * the database. To change the key, put a new line before the old ones: what was sealed before still opens.
 */
export class Sealing extends Context.Service<
  Sealing,
  {
    /** `about` says whose it is and what for; only the same words open it again. */
    readonly seal: (text: string, about: ReadonlyArray<string>) => Sealed
    readonly open: (sealed: Sealed, about: ReadonlyArray<string>) => string | null
  }
>()("platform/sealing/Sealing") {
  static readonly withKeys = (keys: readonly [SealingKey, ...ReadonlyArray<SealingKey>]) =>
    Sealing.of({
      seal: (text, about) => seal(keys[0], text, about),
      open: (sealed, about) => unseal(keys, sealed, about),
    })

  static readonly layer = Layer.effect(
    Sealing,
    Effect.gen(function* () {
      const { dataFolder } = yield* PlatformConfig
      const keys = yield* Effect.tryPromise({
        try: () => load(join(dataFolder, "sealing", "keys")),
        catch: (cause) => new SealingFailed({ message: `the sealing key: ${(cause as Error).message}` }),
      })
      return Sealing.withKeys(keys)
    }),
  )

  /** With a key that nobody keeps, for tests. */
  static readonly layerForgetful = Layer.sync(Sealing, () => Sealing.withKeys([newSealingKey()]))
}
