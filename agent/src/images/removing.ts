import { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { ImageKeeping } from "@skypanel/contract/WorkerImages"
import { Schema } from "effect"
import type { Disk } from "../Disk.ts"
import type { StoredImage } from "../engine/ImageEngine.ts"

export interface ServiceImage {
  readonly serviceId: ServiceId
  readonly digest: string
}

const isOrganization = Schema.is(OrganizationId)
const isService = Schema.is(ServiceId)
const digestForm = /^sha256:[0-9a-f]{64}$/

/** What a reference says if it is to an image of a service in the platform's registry. */
export const serviceImageOf = (registry: string, reference: string): ServiceImage | null => {
  if (!reference.startsWith(`${registry}/`)) return null
  const [name = "", digest = ""] = reference.slice(registry.length + 1).split("@")
  const [organization, serviceId, more] = name.split("/")
  return isOrganization(organization) && isService(serviceId) && more === undefined && digestForm.test(digest)
    ? { serviceId, digest }
    : null
}

/** Empty unless all that it is called is ours: one that somebody has given another name is theirs. */
export const serviceImagesOf = (
  registry: string,
  { references }: StoredImage,
): ReadonlyArray<ServiceImage> => {
  const all = references.map((reference) => serviceImageOf(registry, reference))
  return all.every((one) => one !== null) ? all : []
}

/** A clock that was put back must not keep an image for ever. */
export const lastUses = (
  before: ReadonlyMap<string, number>,
  images: ReadonlyArray<StoredImage>,
  now: number,
): ReadonlyMap<string, number> =>
  new Map(images.map(({ id, inUse }) => [id, inUse ? now : Math.min(before.get(id) ?? now, now)]))

/** It came or was used a moment ago: what it is for may not have been told yet. */
const graceMs = 10 * 60_000

/** Those that may go, the first to go first. */
export const spareImages = (
  { registry, needed, kept }: Pick<ImageKeeping, "registry" | "needed" | "kept">,
  images: ReadonlyArray<StoredImage>,
  usedAt: ReadonlyMap<string, number>,
  now: number,
): ReadonlyArray<StoredImage> => {
  const neededOnes = new Set(needed)
  const keptOnes = new Set(kept)
  const digestsOf = (image: StoredImage) => serviceImagesOf(registry, image).map(({ digest }) => digest)
  const lastUse = ({ id }: StoredImage) => usedAt.get(id) ?? now
  const isKept = (image: StoredImage) => Number(digestsOf(image).some((digest) => keptOnes.has(digest)))
  return images
    .filter((image) => {
      const digests = digestsOf(image)
      return (
        digests.length > 0 &&
        !image.inUse &&
        now - lastUse(image) >= graceMs &&
        !digests.some((digest) => neededOnes.has(digest))
      )
    })
    .toSorted((a, b) => isKept(a) - isKept(b) || lastUse(a) - lastUse(b) || (a.id < b.id ? -1 : 1))
}

/** Whatever share of a small disk that is: so much is for what comes next. */
const freeLeast = 4 * 2 ** 30

export const isTooFull = (
  { bytesMost, diskPercent }: Pick<ImageKeeping, "bytesMost" | "diskPercent">,
  bytes: number,
  disk: Pick<Disk, "total" | "used" | "free">,
): boolean => {
  if (bytesMost !== null && bytes > bytesMost) return true
  // A disk that cannot be looked at is no reason.
  return disk.total > 0 && (disk.free < freeLeast || 100 * disk.used > diskPercent * disk.total)
}

/** What the platform's images take: each of the two is too much in another way. */
export const bytesOf = (images: ReadonlyArray<StoredImage>, registry: string, layersBytes: number): number =>
  Math.min(
    // With all images of the engine.
    layersBytes,
    // With layers that several have as often as they have them.
    images
      .filter(({ references }) => references.some((one) => one.startsWith(`${registry}/`)))
      .reduce((sum, { bytes }) => sum + bytes, 0),
  )
