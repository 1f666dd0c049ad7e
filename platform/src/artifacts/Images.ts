import { Context, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import {
  type LayeredPath,
  type LayerPlan,
  layerMaximum,
  planFirst,
  planNext,
} from "../domain/artifacts/layering.ts"
import { type ImageSettings, makeImage, settingsKey, settingsProblem } from "../domain/artifacts/ociImage.ts"
import { parseStoreBase, parseStorePath, type StorePath } from "../domain/artifacts/StorePath.ts"
import { heights, isStable } from "../domain/artifacts/volatility.ts"
import { type ClosurePath, Closures } from "./Closures.ts"
import { ImageError, type StorageFailed } from "./errors.ts"
import { previousLayers, type SizedLayer, saveImage, sharedLayers } from "./imageRows.ts"
import { baseLayer, Layers } from "./Layers.ts"
import { type PublishedImage, publishedImage } from "./publishedImage.ts"

export interface Publication extends ImageSettings {
  readonly organizationId: string
  readonly serviceId: string
  /** The top of the closure, such as `/nix/store/<hash>-<name>`; it was uploaded before. */
  readonly storePath: string
  /** The deployment, so that publishing again for the same one answers the same. */
  readonly createdFor?: string
}

const toLayered = (closure: ReadonlyArray<ClosurePath>, top: StorePath): ReadonlyArray<LayeredPath> => {
  const height = heights(new Map(closure.map((path) => [path.base, path.references])))
  return closure.map((path) => ({
    base: path.base,
    bytes: path.narSize,
    height: height.get(path.base) ?? 0,
    stable: isStable({ ...path, name: parseStoreBase(path.base)!.name }, top.name),
  }))
}

/** Images made of closures in the store. Publishing is quick when little is new: only new layers are read. */
export class Images extends Context.Service<
  Images,
  {
    readonly publish: (
      publication: Publication,
    ) => Effect.Effect<PublishedImage, ImageError | StorageFailed | SqlError.SqlError>
    /** Drops the images of a service that is deleted; their layers stay for others, and for later collection. */
    readonly forget: (serviceId: string) => Effect.Effect<void, SqlError.SqlError>
  }
>()("platform/artifacts/Images") {
  static readonly layer = Layer.effect(
    Images,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const closures = yield* Closures
      const layers = yield* Layers
      const withSql = Effect.provideService(SqlClient.SqlClient, sql)

      const plan = Effect.fnUntraced(function* (publication: Publication, paths: ReadonlyArray<LayeredPath>) {
        const [bottom, ...previous] = yield* previousLayers(publication)
        const next = bottom?.digest === baseLayer.digest ? planNext(paths, previous) : null
        if (next !== null) return next
        const shared = yield* sharedLayers(
          baseLayer.digest,
          paths.map((path) => path.base),
        )
        return planFirst(paths, shared)
      })

      const ensureLayers = Effect.fnUntraced(function* (
        { keep, add }: LayerPlan,
        closure: ReadonlyArray<ClosurePath>,
      ) {
        const byBase = new Map(closure.map((path) => [path.base, path]))
        const made = yield* Effect.forEach(
          add,
          (bases) => layers.ensure(bases.map((base) => byBase.get(base)!)),
          {
            concurrency: 2,
          },
        )
        const bottom = yield* layers.base
        // What is kept was read from rows that have a size.
        return [bottom, ...(keep as ReadonlyArray<SizedLayer>), ...made].map(({ digest, size }) => ({
          digest,
          size,
        }))
      })

      const create = Effect.fnUntraced(function* (publication: Publication, top: StorePath, key: string) {
        const closure = yield* closures.of(top.base, publication.serviceId)
        if (closure.length === 0)
          return yield* new ImageError({ message: `${top.path} was not uploaded to this platform` })
        const problem = settingsProblem(new Set(closure.map((path) => path.base)), publication)
        if (problem !== null) return yield* new ImageError({ message: problem })
        const planned = yield* plan(publication, toLayered(closure, top))
        const all = yield* ensureLayers(planned, closure)
        if (all.length > layerMaximum)
          return yield* new ImageError({ message: "it would have too many layers" })
        const storePaths = closure.map((path) => parseStoreBase(path.base)!)
        const image = makeImage(top, storePaths, publication, all)
        const { organizationId, serviceId, createdFor = null } = publication
        const row = { organizationId, serviceId, createdFor, key, storePath: top.base, layers: all, ...image }
        return yield* sql.withTransaction(saveImage(row))
      })

      const publish = Effect.fnUntraced(function* (publication: Publication) {
        const top = parseStorePath(publication.storePath)
        if (top === null)
          return yield* new ImageError({ message: `${publication.storePath} is no store path` })
        const key = settingsKey(top, publication)
        const existing = yield* publishedImage(publication, key, false)
        if (existing !== null) return existing
        // A layer that was found may be collected before the image has it; then it is made anew.
        for (let tries = 0; !(yield* create(publication, top, key)); tries++)
          if (tries === 5)
            return yield* new ImageError({ message: "its layers are collected again and again" })
        const created = yield* publishedImage(publication, key, true)
        return created ?? (yield* new ImageError({ message: "the service was deleted meanwhile" }))
      }, withSql)

      return Images.of({
        publish,
        forget: (serviceId) => Effect.asVoid(sql`delete from image where service_id = ${serviceId}`),
      })
    }),
  )
}
