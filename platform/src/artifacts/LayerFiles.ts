import { randomUUID } from "node:crypto"
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { Readable } from "node:stream"
import { Context, Effect, Layer } from "effect"
import { KeptFiles } from "../domain/artifacts/keptFiles.ts"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import { NarFiles } from "./NarFiles.ts"

/** How a layer is sent. */
export type LayerForm = "tar" | "zstd" | "gzip"

/** A smaller one is made in no time. */
const leastBytes = 1024 ** 2
/** So many are written at a time: they are on their way to somebody meanwhile. */
const writesMost = 2
const chunkBytes = 256 * 1024

export interface KeptLayer {
  readonly size: number
  /** Bytes `start` to `end`, both included; the whole without. To be read, or destroyed. */
  readonly read: (range?: { readonly start: number; readonly end: number }) => Readable
}

const keptLayer = (handle: FileHandle, size: number): KeptLayer => ({
  size,
  read: (range = { start: 0, end: size - 1 }) =>
    handle.createReadStream({ highWaterMark: chunkBytes, ...range }),
})

/**
 * Layers as they were sent, in files: a layer is made of its NARs, and compressed, for who asks first and second, and not
 * for a whole fleet. What is here is here for as long as the platform runs; it may go at any moment.
 */
export class LayerFiles extends Context.Service<
  LayerFiles,
  {
    /** Null when it is not kept. */
    readonly find: (digest: string, form: LayerForm) => Effect.Effect<KeptLayer | null>
    /** The same bytes, which are kept when they come to their end; if they are worth it. */
    readonly keeping: (
      layer: { readonly digest: string; readonly size: number; readonly form: LayerForm },
      bytes: Readable,
    ) => Effect.Effect<Readable>
  }
>()("platform/artifacts/LayerFiles") {
  static readonly layer = Layer.effect(
    LayerFiles,
    Effect.gen(function* () {
      const { dataFolder, keptLayerBytes } = yield* ArtifactConfig
      const { hasRoomBesideUploads } = yield* NarFiles
      const folder = join(dataFolder, "artifacts", "layers")
      const files = new KeptFiles(keptLayerBytes)
      const writing = new Set<string>()
      // What another run has left: nobody knows any more whether it is whole.
      yield* Effect.promise(() => rm(folder, { recursive: true, force: true }))
      const pathOf = (name: string) => join(folder, name)
      const nameOf = (digest: string, form: LayerForm) => `${digest.slice("sha256:".length)}.${form}`
      const remove = (path: string) => rm(path, { force: true }).catch(() => undefined)

      const find = async (name: string): Promise<KeptLayer | null> => {
        const size = files.use(name)
        if (size === null) return null
        const handle = await open(pathOf(name), "r").catch(() => null)
        if (handle !== null && (await handle.stat()).size === size) return keptLayer(handle, size)
        await handle?.close()
        files.drop(name)
        return null
      }

      const keep = async (name: string, part: string, size: number) => {
        await rename(part, pathOf(name))
        await Promise.all(files.add(name, size).map((gone) => remove(pathOf(gone))))
      }

      /** What cannot be written is only not kept. */
      async function* written(name: string, bytes: Readable): AsyncGenerator<Buffer> {
        const part = pathOf(`${name}.${randomUUID()}.part`)
        let handle: FileHandle | null = null
        let size = 0
        try {
          handle = await mkdir(folder, { recursive: true })
            .then(() => open(part, "wx"))
            .catch(() => null)
          for await (const piece of bytes as AsyncIterable<Buffer>) {
            const fits: boolean | undefined = await handle?.writeFile(piece).then(
              () => true,
              () => false,
            )
            if (fits === false) {
              await handle?.close()
              handle = null
            }
            size += piece.length
            yield piece
          }
          await handle?.close()
          if (handle !== null) await keep(name, part, size).catch(() => undefined)
          handle = null
        } finally {
          await handle?.close()
          await remove(part)
        }
      }

      return LayerFiles.of({
        find: (digest, form) => Effect.promise(() => find(nameOf(digest, form))),
        keeping: ({ digest, size, form }, bytes) =>
          Effect.gen(function* () {
            const name = nameOf(digest, form)
            const worth = size >= leastBytes && files.isToBeKept(name, size)
            if (!worth || writing.size >= writesMost || writing.has(name)) return bytes
            if (!(yield* hasRoomBesideUploads(size))) return bytes
            writing.add(name)
            const options = { objectMode: false, highWaterMark: 2 * chunkBytes }
            return Readable.from(written(name, bytes), options).once("close", () => {
              // Nobody may have begun to read.
              writing.delete(name)
              bytes.destroy()
            })
          }),
      })
    }),
  )
}
