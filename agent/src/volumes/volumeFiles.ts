import { join } from "node:path"
import { ServiceId } from "@skypanel/contract/Id"
import { Schema } from "effect"

const isServiceId = Schema.is(ServiceId)

/** A volume that nobody wants any more is kept for so long: what was removed by mistake comes back. */
export const keptForMs = 7 * 24 * 60 * 60 * 1000

/** The file with the file system of a service's volume, and the folder that it is mounted at. */
export const pathsOf = (folder: string, id: ServiceId) => ({
  image: join(folder, `${id}.img`),
  /** Being made: it has no whole file system yet. */
  unfinished: join(folder, `${id}.img.new`),
  mountPoint: join(folder, id),
})

/** What an image is called once its volume was removed at that moment. */
export const removedName = (id: ServiceId, at: Date): string =>
  `${id}.img.removed-${at.toISOString().slice(0, 19).replaceAll(":", "-")}Z`

export interface Removed {
  readonly name: string
  readonly serviceId: ServiceId
  readonly at: number
}

const removedPattern = /^(svc_[0-9a-z]{24})\.img\.removed-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d)Z$/

/** What is in the folder of volumes; names that are not ours are nobody's business. */
export interface VolumeFiles {
  readonly images: ReadonlySet<ServiceId>
  readonly unfinished: ReadonlyArray<string>
  /** Newest first. */
  readonly removed: ReadonlyArray<Removed>
}

export const volumeFilesOf = (names: ReadonlyArray<string>): VolumeFiles => ({
  images: new Set(
    names
      .filter((name) => name.endsWith(".img"))
      .map((name) => name.slice(0, -4))
      .filter(isServiceId),
  ),
  unfinished: names.filter((name) => name.endsWith(".img.new") && isServiceId(name.slice(0, -8))),
  removed: names
    .flatMap((name) => {
      const [, id, day, hours, minutes, seconds] = removedPattern.exec(name) ?? []
      const at = Date.parse(`${day}${hours}:${minutes}:${seconds}Z`)
      return isServiceId(id) && !Number.isNaN(at) ? [{ name, serviceId: id, at }] : []
    })
    .toSorted((a, b) => b.at - a.at),
})

/** Those whose time is over. */
export const expired = ({ removed }: VolumeFiles, now: number): ReadonlyArray<Removed> =>
  removed.filter(({ at }) => now - at > keptForMs)

/** Images that are of no wanted volume. */
export const unwanted = ({ images }: VolumeFiles, wanted: ReadonlySet<ServiceId>): ReadonlyArray<ServiceId> =>
  [...images].filter((id) => !wanted.has(id))
