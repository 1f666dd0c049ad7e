import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { exposedPort } from "@skypanel/contract/image/ImageSettings"
import {
  contentsProblem,
  imageUnpackedMost,
  type LayerContents,
} from "@skypanel/contract/image/LayerContents"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { emptyImage } from "../explain/ImageFailure.ts"
import { findLayers, type ImageLayer, type LayerFile, uploadImage } from "../image/UploadImage.ts"
import { BadImage, compressLayer, manifestOf, readSavedImage } from "./SavedImage.ts"

type KnownLayer = ImageLayer & LayerContents

/** Layers that were compressed before: those that the platform has need not be compressed again to be named. */
export class KnownLayers {
  readonly #known = new Map<string, KnownLayer>()
  readonly #max = 10_000
  get(diffId: string): KnownLayer | null {
    return this.#known.get(diffId) ?? null
  }
  set(diffId: string, layer: KnownLayer): void {
    this.#known.set(diffId, layer)
    const oldest = this.#known.keys().next().value
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest)
  }
}

export interface UploadedImage {
  readonly storePath: string
  readonly port: number | null
  readonly layers: number
  readonly bytes: number
}

const notStored = ({ reason }: BadImage) =>
  buildFailed(
    "build-failed",
    `The image cannot be stored: ${reason}.`,
    "Look at the Dockerfile's last steps.",
  )

const upload = (
  space: BuildSpace,
  folder: string,
  known: KnownLayers,
): Effect.Effect<UploadedImage, BuildFailed | BadImage> =>
  Effect.gen(function* () {
    const saved = yield* readSavedImage(folder)
    if (saved.layers.length === 0) return yield* emptyImage()
    const packed = join(space.folder, "packed")
    yield* Effect.promise(() => mkdir(packed, { recursive: true }))
    const compress = (layer: (typeof saved.layers)[number]) =>
      Effect.map(compressLayer(layer, join(packed, layer.diffId)), (made) => {
        known.set(layer.diffId, made)
        return made
      })
    const named = yield* Effect.forEach(saved.layers, (layer) => {
      const before = known.get(layer.diffId)
      return before === null
        ? Effect.map(compress(layer), (made) => ({ layer, made, isThere: true }))
        : Effect.succeed({ layer, made: before, isThere: false })
    })
    const made = named.map((each) => each.made)
    const problem = contentsProblem(
      made,
      saved.layers.map(({ diffId }) => diffId),
      new Map(made.map((each) => [each.digest, each])),
      imageUnpackedMost,
    )
    if (problem !== null) return yield* new BadImage({ reason: problem.detail.replace(/\.$/, "") })
    const found = yield* findLayers(space, made)
    const missing = new Set(found.missing.map(({ digest }) => digest))
    const layers = yield* Effect.forEach(named, ({ layer, made, isThere }) =>
      Effect.map(
        isThere || !missing.has(made.digest) ? Effect.succeed(made) : compress(layer),
        (each): LayerFile => ({ ...each, file: join(packed, layer.diffId) }),
      ),
    )
    const storePath = yield* uploadImage(space, {
      manifest: manifestOf(saved.config, layers),
      config: saved.config,
      layers,
    })
    return {
      storePath,
      port: exposedPort(saved.settings),
      layers: layers.length,
      bytes: layers.reduce((sum, { size }) => sum + size, 0),
    }
  })

/** Brings what `docker save` wrote to the artifact store, in as much time as its build has. */
export const uploadSavedImage = (
  space: BuildSpace,
  folder: string,
  known: KnownLayers,
): Effect.Effect<UploadedImage, BuildFailed> => {
  const { buildSeconds } = space.assignment.limits
  return upload(space, folder, known).pipe(
    Effect.catchTag("BadImage", notStored),
    Effect.timeoutOrElse({
      duration: buildSeconds * 1000,
      orElse: () =>
        Effect.fail(
          buildFailed(
            "build-limit",
            `The image was built, and not stored within ${Math.round(buildSeconds / 60)} minutes.`,
            "Deploy again: steps that have not changed are not built again. A smaller image is stored faster.",
          ),
        ),
    }),
  )
}
