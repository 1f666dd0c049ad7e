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

/** Host and port of the platform's registry. */
export interface Registries {
  readonly registry: string
  /** Those that it had before, as the platform itself has told this worker. */
  readonly earlier?: ReadonlyArray<string>
}

/** A reference without the registry; null: it is to none of these. */
const within = (registries: ReadonlyArray<string>, reference: string): string | null => {
  const registry = registries.find((each) => reference.startsWith(`${each}/`))
  return registry === undefined ? null : reference.slice(registry.length + 1)
}

/** What a reference says if it is to an image of a service in the platform's registry, wherever that is or was. */
export const serviceImageOf = (
  { registry, earlier = [] }: Registries,
  reference: string,
): ServiceImage | null => {
  const [name = "", digest = ""] = within([registry, ...earlier], reference)?.split("@") ?? []
  const [organization, serviceId, more] = name.split("/")
  return isOrganization(organization) && isService(serviceId) && more === undefined && digestForm.test(digest)
    ? { serviceId, digest }
    : null
}

/** One that was kept warm: nobody looks for it in a registry of before. */
const isEarlierCommon = ({ earlier = [] }: Registries, reference: string): boolean =>
  /^skypanel\/common@sha256:[0-9a-f]{64}$/.test(within(earlier, reference) ?? "")

/** All that it is called is the platform's, for services: one that somebody has given another name is theirs. */
export const isOurs = (registries: Registries, { references }: StoredImage): boolean =>
  references.length > 0 &&
  references.every((one) => serviceImageOf(registries, one) !== null || isEarlierCommon(registries, one))

/** Of one that is ours, each once, whatever the registries that it came from. */
export const serviceImagesOf = (registries: Registries, image: StoredImage): ReadonlyArray<ServiceImage> => {
  if (!isOurs(registries, image)) return []
  const all = image.references.flatMap((one) => serviceImageOf(registries, one) ?? [])
  return [...new Map(all.map((one) => [`${one.serviceId}@${one.digest}`, one])).values()]
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
  { needed, kept, ...registries }: Registries & Pick<ImageKeeping, "needed" | "kept">,
  images: ReadonlyArray<StoredImage>,
  usedAt: ReadonlyMap<string, number>,
  now: number,
): ReadonlyArray<StoredImage> => {
  const neededOnes = new Set(needed)
  const keptOnes = new Set(kept)
  const digestsOf = (image: StoredImage) => serviceImagesOf(registries, image).map(({ digest }) => digest)
  const lastUse = ({ id }: StoredImage) => usedAt.get(id) ?? now
  const isKept = (image: StoredImage) => Number(digestsOf(image).some((digest) => keptOnes.has(digest)))
  return images
    .filter((image) => {
      return (
        isOurs(registries, image) &&
        !image.inUse &&
        now - lastUse(image) >= graceMs &&
        !digestsOf(image).some((digest) => neededOnes.has(digest))
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
export const bytesOf = (
  images: ReadonlyArray<StoredImage>,
  { registry, earlier = [] }: Registries,
  layersBytes: number,
): number =>
  Math.min(
    // With all images of the engine.
    layersBytes,
    // With layers that several have as often as they have them.
    images
      .filter(({ references }) => references.some((one) => within([registry, ...earlier], one) !== null))
      .reduce((sum, { bytes }) => sum + bytes, 0),
  )
