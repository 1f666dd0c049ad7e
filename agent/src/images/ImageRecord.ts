import { readFile, rename, writeFile } from "node:fs/promises"
import { ImageRemoved } from "@skypanel/contract/WorkerImages"
import { Effect, Schema } from "effect"

/** What the engine does not remember of images. */
const ImageRecord = Schema.Struct({
  /** When each was last used or first seen, by its id. */
  usedAt: Schema.Record(Schema.String, Schema.Number),
  /** The newest first. */
  removed: Schema.Array(ImageRemoved),
  /** Addresses of the platform's registry, as it has told them: the newest first. Left out by agents of before. */
  registries: Schema.optionalKey(Schema.Array(Schema.String)),
})
export type ImageRecord = typeof ImageRecord.Type

const stored = Schema.fromJsonString(ImageRecord)
const decode = Schema.decodeUnknownEffect(stored)

/** Without a file all images are as new: nothing goes for a while. */
export const loadImageRecord = (file: string): Effect.Effect<ImageRecord> =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.flatMap(decode),
    Effect.catch(() => Effect.succeed<ImageRecord>({ usedAt: {}, removed: [] })),
  )

export const saveImageRecord = (file: string, record: ImageRecord): Effect.Effect<void> =>
  Effect.tryPromise(async () => {
    await writeFile(`${file}.new`, JSON.stringify(record), { flush: true })
    await rename(`${file}.new`, file)
  }).pipe(
    Effect.catch((error) =>
      Effect.logWarning(`cannot write down when images were used: ${error.cause ?? error}`),
    ),
  )
