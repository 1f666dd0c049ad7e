import { type ImageListing, imageTextMaxBytes } from "@skypanel/contract/image/ImageListing"
import {
  type ImageSettings,
  settingsOf,
  volumesOf,
  volumesProblem,
} from "@skypanel/contract/image/ImageSettings"
import { decodeConfig, decodeManifest } from "@skypanel/contract/image/OciImage"
import { Result } from "effect"
import { type Blob, digestOf } from "./ociImage.ts"

/** A listing that was looked at: its parts agree with each other. */
export interface BlobImage {
  readonly manifest: Blob
  readonly config: Blob
  readonly settings: ImageSettings
  /** Of what is in each layer, from the bottom. */
  readonly diffIds: ReadonlyArray<string>
}

/** PostgreSQL keeps it as text. */
const isText = (text: string) => text.isWellFormed() && !text.includes("\0")

/** Says what of a listing is not so: its blobs' own bytes are looked at elsewhere. */
export const readBlobImage = (listing: ImageListing): Result.Result<BlobImage, string> => {
  const { manifest: manifestText, config: configText, layers } = listing
  if (
    Buffer.byteLength(manifestText) > imageTextMaxBytes ||
    Buffer.byteLength(configText) > imageTextMaxBytes
  )
    return Result.fail("its manifest or configuration is too long")
  if (!isText(manifestText) || !isText(configText))
    return Result.fail("its manifest or configuration is no text")
  const manifest = decodeManifest(manifestText)
  if (Result.isFailure(manifest)) return Result.fail("its manifest is no image's")
  const config = decodeConfig(configText)
  if (Result.isFailure(config)) return Result.fail("its configuration is no image's")
  const configDigest = digestOf(configText)
  if (
    manifest.success.config.digest !== configDigest ||
    manifest.success.config.size !== Buffer.byteLength(configText)
  )
    return Result.fail("its configuration is not the one of its manifest")
  const same = (at: number) =>
    layers[at]?.digest === manifest.success.layers[at]?.digest &&
    layers[at]?.size === manifest.success.layers[at]?.size
  if (layers.length !== manifest.success.layers.length || !layers.every((_, at) => same(at)))
    return Result.fail("its layers are not those of its manifest")
  if (config.success.rootfs.diff_ids.length !== layers.length)
    return Result.fail("its configuration tells of another number of layers")
  const problem = volumesProblem(volumesOf(config.success))
  if (problem !== null) return Result.fail(problem)
  return Result.succeed({
    manifest: { digest: digestOf(manifestText), text: manifestText },
    config: { digest: configDigest, text: configText },
    settings: settingsOf(config.success),
    diffIds: config.success.rootfs.diff_ids,
  })
}
