import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { BuildResult } from "@skypanel/contract/BuildAssignment"
import { formatImageReference } from "@skypanel/contract/image/ImageReference"
import { exposedPort, volumesOf, volumesProblem } from "@skypanel/contract/image/ImageSettings"
import {
  contentsProblem,
  imageUnpackedMost,
  type LayerContents,
} from "@skypanel/contract/image/LayerContents"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { diskFull } from "../DiskWatch.ts"
import { fetchLayer, unpackedSize } from "./FetchLayer.ts"
import { imageBytesMost } from "./imageLimits.ts"
import { type Architecture, ImageUnfit, resolveImage } from "./Manifest.ts"
import { attempt, openRegistry } from "./OpenedRegistry.ts"
import { findLayers, isImageStored, listingFile, uploadLayer, uploadListing } from "./UploadImage.ts"

/** What is packed takes so many times as much unpacked, at most. */
const unpackedFactor = 4

const architecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64"

const fits = (config: Parameters<typeof volumesOf>[0], bytes: number, bytesMax: number) => {
  if (bytes > bytesMax)
    throw new ImageUnfit({
      code: "image-too-large",
      detail: `Its layers are ${formatSize(bytes)}; at most ${formatSize(bytesMax)} are fetched.`,
    })
  const problem = volumesProblem(volumesOf(config))
  if (problem !== null) throw new ImageUnfit({ code: "image-damaged", detail: `${problem}.` })
}

const tooMuch = Effect.fail(
  buildFailed(
    "build-limit",
    "The image takes more of the builder's disk than a build may.",
    "Name a smaller image, or ask the operator for more room.",
  ),
)

/**
 * Brings the image to the artifact store, byte by byte: what of it is there is not fetched. Every digest is looked at,
 * and what comes out when it is unpacked.
 */
const mirror = (space: BuildSpace, uploading: Effect.Effect<void>): Effect.Effect<BuildResult, BuildFailed> =>
  Effect.gen(function* () {
    const opened = yield* openRegistry(space)
    const { reference, registry } = opened
    const bytesMax = imageBytesMost(space.assignment.limits)
    const unpackedMost = Math.min(unpackedFactor * bytesMax, imageUnpackedMost)
    const image = yield* attempt(opened, (signal) => resolveImage(registry, reference, architecture, signal))
    const { layers } = image.manifest
    const bytes = layers.reduce((sum, { size }) => sum + size, 0)
    space.note(`${formatImageReference(reference)} is ${image.digest}`)
    yield* attempt(opened, async () => fits(image.config, bytes, bytesMax))
    const whole = { manifest: image.manifestText, config: image.configText, layers }
    const result: BuildResult = {
      storePath: listingFile(whole).storePath,
      image: { port: exposedPort(image.config) },
      command: [],
      revision: image.digest,
      recognisedAs: `image ${formatImageReference(reference)}`,
      closureBytes: bytes,
      closurePaths: layers.length,
    }
    if (yield* isImageStored(space, whole)) {
      space.note("nothing to fetch: the platform has this image already")
      return result
    }
    const { missing, stored } = yield* findLayers(space, layers)
    const contents = new Map<string, LayerContents>(stored)
    if (missing.reduce((sum, { size }) => sum + size, 0) > space.config.diskBytes) return yield* tooMuch
    space.note(`fetching ${missing.length} of ${layers.length} layers`)
    const fileOf = (digest: string) => join(space.folder, `layer-${digest.slice("sha256:".length)}`)
    let unpacked = 0
    let done = 0
    for (const layer of missing) {
      const file = fileOf(layer.digest)
      yield* attempt(opened, async (signal) => {
        await fetchLayer(registry, layer, file, signal)
        const diffId = image.config.rootfs.diff_ids[layers.indexOf(layer)]!
        const unpackedBytes = await unpackedSize(file, layer, diffId, unpackedMost - unpacked, signal)
        unpacked += unpackedBytes
        contents.set(layer.digest, { unpackedBytes, diffId })
      })
      done += 1
      space.note(`fetched layer ${done} of ${missing.length}, ${formatSize(layer.size)}`)
    }
    yield* attempt(opened, async () => {
      const problem = contentsProblem(layers, image.config.rootfs.diff_ids, contents, unpackedMost)
      if (problem !== null) throw new ImageUnfit(problem)
    })
    yield* uploading
    for (const layer of missing) {
      yield* uploadLayer(space, { ...layer, ...contents.get(layer.digest)!, file: fileOf(layer.digest) })
      yield* Effect.promise(() => rm(fileOf(layer.digest), { force: true }))
    }
    yield* uploadListing(space, whole)
    space.note(`mirrored: ${layers.length} layers, ${formatSize(bytes)}`)
    return result
  })

/** Fails when the disk has less than is left of it in any case, whoever fills it. */
const watchDisk = ({ config }: BuildSpace): Effect.Effect<never, BuildFailed> =>
  Effect.andThen(
    Effect.promise((signal) => diskFull(config.dataFolder, signal)),
    Effect.fail(
      buildFailed(
        "build-limit",
        "The builder's disk has less room than is left in any case.",
        "Deploy again later, or ask the operator for more room.",
      ),
    ),
  )

/** A build whose source is an image. */
export const mirrorImage = (
  space: BuildSpace,
  uploading: Effect.Effect<void>,
): Effect.Effect<BuildResult, BuildFailed> => {
  const { buildSeconds } = space.assignment.limits
  return mirror(space, uploading).pipe(
    Effect.raceFirst(watchDisk(space)),
    Effect.timeoutOrElse({
      duration: buildSeconds * 1000,
      orElse: () =>
        Effect.fail(
          buildFailed(
            "build-limit",
            `The image was not here within ${Math.round(buildSeconds / 60)} minutes.`,
            "Deploy again; what of it is here already is not fetched again.",
          ),
        ),
    }),
  )
}
