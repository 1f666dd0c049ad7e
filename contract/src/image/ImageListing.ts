import { Schema } from "effect"

export const ImageDigest = Schema.String.check(
  Schema.isPattern(/^sha256:[0-9a-f]{64}$/, { message: "a digest is sha256: and 64 hexadecimal digits" }),
)

/** As many as Docker's own storage holds. */
export const imageLayersMax = 127
/** Of a manifest and of a configuration. */
export const imageTextMaxBytes = 4 * 1024 * 1024

const Text = Schema.String.check(Schema.isMaxLength(imageTextMaxBytes))

/**
 * An image of blobs, as a builder brings it to the artifact store: the file that the top store path consists of. It
 * names the store path of each layer, which so is a reference of it. Manifest and configuration are here byte by byte.
 */
export const ImageListing = Schema.Struct({
  format: Schema.Literal("skypanel.image.v1"),
  manifest: Text,
  config: Text,
  /** In the manifest's order, from the bottom. Each store path is a file with the blob's bytes. */
  layers: Schema.Array(
    Schema.Struct({
      digest: ImageDigest,
      size: Schema.Int,
      storePath: Schema.String.check(Schema.isPattern(/^\/nix\/store\/[0-9a-z]{32}-layer-[0-9a-f]{64}$/)),
    }),
  ).check(Schema.isMinLength(1), Schema.isMaxLength(imageLayersMax)),
})
export type ImageListing = typeof ImageListing.Type

/** JSON escapes a character by six at most. */
export const imageListingMaxBytes = 12 * imageTextMaxBytes + 1024 * 1024
