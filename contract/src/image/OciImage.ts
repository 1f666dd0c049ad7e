import { Schema } from "effect"
import { ImageDigest, imageLayersMax } from "./ImageListing.ts"

export const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const
export const indexTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
] as const

/** Layers that Docker unpacks; none of another place (`urls`) and none for Windows. */
export const layerTypes = [
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd",
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
] as const

const Size = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2 ** 40 }))

/** An image manifest: OCI's, or Docker's version 2 schema 2, which differ in their types only. */
export const OciManifest = Schema.Struct({
  schemaVersion: Schema.Literal(2),
  mediaType: Schema.optionalKey(Schema.Literals(manifestTypes)),
  config: Schema.Struct({
    mediaType: Schema.Literals([
      "application/vnd.oci.image.config.v1+json",
      "application/vnd.docker.container.image.v1+json",
    ]),
    digest: ImageDigest,
    size: Size,
  }),
  layers: Schema.Array(
    Schema.Struct({ mediaType: Schema.Literals(layerTypes), digest: ImageDigest, size: Size }),
  ).check(Schema.isMinLength(1), Schema.isMaxLength(imageLayersMax)),
})
export type OciManifest = typeof OciManifest.Type

/** One image for each of several processors: OCI's index, or Docker's manifest list. */
export const OciIndex = Schema.Struct({
  schemaVersion: Schema.Literal(2),
  manifests: Schema.Array(
    Schema.Struct({
      mediaType: Schema.optionalKey(Schema.String),
      digest: Schema.String,
      platform: Schema.optionalKey(
        Schema.Struct({
          os: Schema.String,
          architecture: Schema.String,
          variant: Schema.optionalKey(Schema.String),
        }),
      ),
    }),
  ).check(Schema.isMaxLength(1000)),
})
export type OciIndex = typeof OciIndex.Type

const Names = Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)))

/** Of an image's configuration, what a platform has to know. */
export const OciConfig = Schema.Struct({
  os: Schema.String,
  architecture: Schema.String,
  config: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        User: Schema.optionalKey(Schema.NullOr(Schema.String)),
        ExposedPorts: Names,
        Volumes: Names,
        Cmd: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
        Entrypoint: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
      }),
    ),
  ),
  rootfs: Schema.Struct({ diff_ids: Schema.Array(ImageDigest) }),
})
export type OciConfig = typeof OciConfig.Type

/** Fail on what is no such document; for text that came from elsewhere. */
export const decodeManifest = Schema.decodeUnknownResult(Schema.fromJsonString(OciManifest))
export const decodeIndex = Schema.decodeUnknownResult(Schema.fromJsonString(OciIndex))
export const decodeConfig = Schema.decodeUnknownResult(Schema.fromJsonString(OciConfig))
