import { type Blob, digestOf } from "./ociImage.ts"

/** An image that has a run of layers at its bottom, as it is answered. */
export interface Donor {
  readonly manifest: string
  readonly config: string
}

interface Manifest {
  readonly schemaVersion: number
  readonly mediaType?: string
  readonly config: { readonly mediaType: string }
  readonly layers: ReadonlyArray<unknown>
}

interface Config {
  readonly architecture: string
  readonly os: string
  readonly rootfs: { readonly diff_ids: ReadonlyArray<string> }
}

const created = "1970-01-01T00:00:01Z"

/** What tells it from others on a worker: `docker image prune --all --filter label!=skypanel.common` leaves it there. */
export const commonLabel = "skypanel.common"

/**
 * The image of the donor's lowest `count` layers. Of the donor's own configuration nothing is in it: no command, no
 * variables, no labels. So every donor gives the same bytes.
 */
export const makeCommonImage = (donor: Donor, count: number): { manifest: Blob; config: Blob } => {
  const { schemaVersion, mediaType, config, layers } = JSON.parse(donor.manifest) as Manifest
  const { architecture, os, rootfs } = JSON.parse(donor.config) as Config
  const configText = JSON.stringify({
    created,
    architecture,
    os,
    config: { Labels: { [commonLabel]: "true" } },
    rootfs: { type: "layers", diff_ids: rootfs.diff_ids.slice(0, count) },
    history: Array.from({ length: count }, (_, at) => ({ created, created_by: `skypanel layer ${at + 1}` })),
  })
  const configDigest = digestOf(configText)
  const manifestText = JSON.stringify({
    schemaVersion,
    mediaType,
    config: { mediaType: config.mediaType, digest: configDigest, size: Buffer.byteLength(configText) },
    layers: layers.slice(0, count),
  })
  return {
    config: { digest: configDigest, text: configText },
    manifest: { digest: digestOf(manifestText), text: manifestText },
  }
}
