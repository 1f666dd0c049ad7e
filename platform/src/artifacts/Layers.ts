import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { Context, Effect, Layer, Semaphore } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { baseLayerTar } from "../domain/artifacts/baseLayer.ts"
import { digestOf, type LayerDescriptor } from "../domain/artifacts/ociImage.ts"
import { parseStoreBase } from "../domain/artifacts/StorePath.ts"
import { layerFormat } from "../domain/artifacts/tar.ts"
import { ImageError, StorageFailed } from "./errors.ts"
import { baseLayerParts, type LayerPart, type LayerSource, layerParts, readParts } from "./layerTar.ts"
import { NarFiles } from "./NarFiles.ts"
import { blobParts, digestOfFile } from "./narFile.ts"

/** A path to put into a layer. */
export interface PathOfLayer {
  readonly base: string
  readonly narHash: string
}

export const baseLayer: LayerDescriptor = { digest: digestOf(baseLayerTar), size: baseLayerTar.length }

/** What a layer is before anybody has read it: equal keys give equal bytes. */
const keyOf = (paths: ReadonlyArray<PathOfLayer>): string =>
  digestOf(JSON.stringify([layerFormat, paths.map(({ base, narHash }) => [base, narHash])]))

interface Measured extends LayerDescriptor {
  readonly tarBytes: ReadonlyArray<number>
}

/** A bucket that does not answer will again; a file that is not what it was will not. */
const unreadable = (cause: unknown): StorageFailed | ImageError => {
  const { message, code } = cause as NodeJS.ErrnoException
  return code === "EIO"
    ? new StorageFailed({ message: `a layer cannot be read: ${message}` })
    : new ImageError({ message: `a layer cannot be read: ${message}` })
}

/** Reads the whole layer once, for its digest and the size of each path in it. */
const measure = async (parts: ReadonlyArray<LayerPart>, signal: AbortSignal): Promise<Measured> => {
  const hash = createHash("sha256")
  const sizes: Array<number> = []
  for (const part of parts) {
    let size = 0
    for await (const bytes of part.open()) {
      signal.throwIfAborted()
      hash.update(bytes)
      size += bytes.length
    }
    sizes.push(size)
  }
  const size = sizes.reduce((total, part) => total + part, 0)
  return { digest: `sha256:${hash.digest("hex")}`, size, tarBytes: sizes.slice(1, -1) }
}

/**
 * Image layers: rows that say which store paths one holds. Their bytes are made from the NARs whenever they are read; a
 * blob's are the file that its store path is.
 */
export class Layers extends Context.Service<
  Layers,
  {
    /** The bottom of every image, which holds no store path. */
    readonly base: Effect.Effect<LayerDescriptor, SqlError.SqlError>
    /** The layer that holds these paths, sorted by name; it is read once when it is new, about 1 s for 500 MB. */
    readonly ensure: (
      paths: ReadonlyArray<PathOfLayer>,
    ) => Effect.Effect<LayerDescriptor, StorageFailed | ImageError | SqlError.SqlError>
    /** The layer that is the file of this path; it is read once when it is new. Fails when it is another one. */
    readonly ensureBlob: (
      base: string,
      blob: LayerDescriptor,
    ) => Effect.Effect<void, StorageFailed | ImageError | SqlError.SqlError>
    /** Bytes `start` to `end` of a layer, both included. Errors come out of the stream. */
    readonly read: (
      digest: string,
      range: { readonly start: number; readonly end: number },
    ) => Effect.Effect<Readable, SqlError.SqlError>
  }
>()("platform/artifacts/Layers") {
  static readonly layer = Layer.effect(
    Layers,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const files = yield* NarFiles
      // Hashing takes a processor each; the event loop and the database need some, too.
      const permits = yield* Semaphore.make(2)

      const base = Effect.as(
        sql`insert into layer ${sql.insert({ ...baseLayer, key: keyOf([]) })}
          on conflict (digest) do update set wanted_at = now() where layer.wanted_at < now() - interval '10 minutes'`,
        baseLayer,
      )

      // Wanted: it is not collected before the image that it is for is saved.
      const find = (key: string) =>
        Effect.map(
          sql<LayerDescriptor>`update layer set wanted_at = now() where key = ${key} returning digest, size::float8`,
          (rows) => rows[0] ?? null,
        )

      const sourcesOf = (
        paths: ReadonlyArray<{ base: string; tar_size: number | null; file_hash: string }>,
      ) =>
        paths.map(
          (path): LayerSource => ({
            storePath: parseStoreBase(path.base)!,
            tarBytes: path.tar_size,
            nar: () => files.read(path.file_hash),
          }),
        )

      const filesOf = (bases: ReadonlyArray<string>) =>
        sql<{ base: string; tar_size: null; file_hash: string }>`
          select p.base, null as tar_size, p.file_hash from store_path p
          where p.base in (select json_array_elements_text(${JSON.stringify(bases)}::text::json))
          order by p.base collate "C"`

      const save = (key: string, paths: ReadonlyArray<PathOfLayer>, layer: Measured) =>
        sql.withTransaction(
          Effect.gen(function* () {
            const fresh =
              yield* sql`insert into layer ${sql.insert({ digest: layer.digest, key, size: layer.size })}
              on conflict do nothing returning digest`
            if (fresh.length === 0) return
            const rows = paths.map(({ base }, position) => [position, base, layer.tarBytes[position]])
            yield* sql`insert into layer_path (digest, position, base, tar_size)
              select ${layer.digest}::text, (item ->> 0)::integer, item ->> 1, (item ->> 2)::bigint
              from json_array_elements(${JSON.stringify(rows)}::text::json) as listed (item)`
          }),
        )

      const ensure = Effect.fnUntraced(function* (unsorted: ReadonlyArray<PathOfLayer>) {
        const paths = [...unsorted].sort((a, b) => (a.base < b.base ? -1 : 1))
        const key = keyOf(paths)
        const known = yield* find(key)
        if (known !== null) return known
        const sources = sourcesOf(yield* filesOf(paths.map((path) => path.base)))
        const measured = yield* Effect.tryPromise({
          try: (signal) => measure(layerParts(sources), signal),
          catch: unreadable,
        }).pipe(permits.withPermit)
        yield* save(key, paths, measured)
        return { digest: measured.digest, size: measured.size }
      })

      const ensureBlob = Effect.fnUntraced(function* (base: string, { digest, size }: LayerDescriptor) {
        const notIt = new ImageError({ message: `${base} is not the layer ${digest}` })
        const [known] = yield* sql<{ size: number }>`
          update layer set wanted_at = now() where digest = ${digest} returning size::float8`
        if (known !== undefined) return known.size === size ? undefined : yield* notIt
        const [path] = yield* filesOf([base])
        if (path === undefined) return yield* new ImageError({ message: `${base} was not uploaded` })
        const found = yield* Effect.tryPromise({
          try: (signal) => digestOfFile(files.read(path.file_hash), signal),
          catch: unreadable,
        }).pipe(permits.withPermit)
        if (found.digest !== digest || found.size !== size) return yield* notIt
        yield* sql.withTransaction(
          Effect.gen(function* () {
            const fresh =
              yield* sql`insert into layer ${sql.insert({ digest, size, key: digest, blob: true })}
              on conflict do nothing returning digest`
            if (fresh.length > 0)
              yield* sql`insert into layer_path ${sql.insert({ digest, position: 0, base, tar_size: size })}`
          }),
        )
      })

      const read = Effect.fnUntraced(function* (digest: string, range: { start: number; end: number }) {
        if (digest === baseLayer.digest)
          return Readable.from(readParts(baseLayerParts, range.start, range.end), { objectMode: false })
        const paths = yield* sql<{ base: string; tar_size: number; file_hash: string; blob: boolean }>`
          select lp.base, lp.tar_size::float8, p.file_hash, l.blob
          from layer l join layer_path lp using (digest) join store_path p using (base)
          where l.digest = ${digest} order by lp.position`
        const [first] = paths
        const parts = first?.blob
          ? blobParts(first.tar_size, () => files.read(first.file_hash))
          : layerParts(sourcesOf(paths))
        return Readable.from(readParts(parts, range.start, range.end), {
          objectMode: false,
          highWaterMark: 512 * 1024,
        })
      })

      return Layers.of({ base, ensure, ensureBlob, read })
    }),
  )
}
