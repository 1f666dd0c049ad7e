import { join } from "node:path"
import type { DesiredVolume } from "@skypanel/contract/AgentProtocol"
import type { ServiceId } from "@skypanel/contract/Id"
import { formatSize } from "@skypanel/contract/Resources"
import { Volume } from "@skypanel/contract/Volume"
import { Clock, Effect, Schema } from "effect"
import type { ContainerEngine } from "../engine/ContainerEngine.ts"
import type { Container } from "../observer/Container.ts"
import { nobody, type Owner } from "./containerOwner.ts"
import { type FileSystems, VolumeError } from "./FileSystems.ts"
import { pathsOf, removedName, type VolumeFiles } from "./volumeFiles.ts"

/** One of a container that is ended because it began without its volume. */
const stopGraceSeconds = 10

const isSize = Schema.is(Volume.fields.sizeBytes)

interface Given {
  /** Where all volumes are. */
  readonly folder: string
  readonly fileSystems: FileSystems
  readonly engine: ContainerEngine["Service"]
  /** Who a container's user is outside. */
  readonly outside: (inside: Owner) => Effect.Effect<Owner, VolumeError>
}

/** A volume as it was when it was looked at last. */
export interface Seen {
  /** Nothing was left to be done. */
  readonly settled: boolean
  /** Whose it is, as its containers are. */
  readonly owner: Owner
}

export interface Ensured extends Seen {
  /** What is to be said about it; null: nothing. */
  readonly note: string | null
}

/** Makes one volume as it shall be, or takes it away. What was cut off in the middle is gone on with. */
export const makeVolumeKeeper = ({ folder, fileSystems, engine, outside }: Given) => {
  /** Containers that have not ended. Fails when the engine does not answer: then nobody knows. */
  const containersOf = (id: ServiceId) =>
    Effect.gen(function* () {
      const listed = yield* engine.listed
      const found: Array<Container> = []
      for (const one of listed.filter(({ state }) => state !== "exited")) {
        const container = yield* engine.container(one.id)
        if (container !== null && container.serviceId === id) found.push(container)
      }
      return found
    }).pipe(
      Effect.mapError(({ reason }) => new VolumeError({ reason: `its containers are not known: ${reason}` })),
    )

  const makeImage = (id: ServiceId, sizeBytes: number, { removed }: VolumeFiles) =>
    Effect.gen(function* () {
      const { image, unfinished } = pathsOf(folder, id)
      const last = removed.find(({ serviceId }) => serviceId === id)
      if (last === undefined)
        return yield* fileSystems.create(image, unfinished, sizeBytes, yield* outside(nobody))
      yield* Effect.logInfo(`the volume of ${id} is wanted again: its data of ${last.name} comes back`)
      yield* fileSystems.renamed(join(folder, last.name), image)
    })

  /**
   * After the machine's start the engine may have started a container before its volume was there. What it sees in
   * its place is an empty folder that it cannot write: it is ended, to be started anew.
   */
  const endBlindOnes = (id: ServiceId) =>
    Effect.gen(function* () {
      for (const { id: container } of yield* containersOf(id)) {
        yield* Effect.logWarning(`container ${container.slice(0, 12)} of ${id} began without its volume`)
        yield* engine.stop(container, stopGraceSeconds)
      }
    }).pipe(Effect.catch(({ reason }) => Effect.logWarning(`cannot end it: ${reason}`)))

  /** Gives why the file system stays smaller than it shall be for now; null: it does not. */
  const fit = (id: ServiceId) =>
    Effect.gen(function* () {
      const { image, unfinished, mountPoint } = pathsOf(folder, id)
      const device = (yield* fileSystems.mounted).get(mountPoint)
      if (device === undefined) return yield* new VolumeError({ reason: "its mount is gone again" })
      const refusal = yield* Effect.flip(fileSystems.fit(device)).pipe(Effect.option)
      if (refusal._tag === "None") return null
      if ((yield* containersOf(id)).length > 0)
        return `it stays smaller while a container has it: ${refusal.value.reason}`
      yield* fileSystems.unmount(mountPoint)
      const failure = yield* Effect.flip(fileSystems.fitCopy(image, unfinished)).pipe(Effect.option)
      if (yield* fileSystems.mount(image, mountPoint)) yield* endBlindOnes(id)
      return failure._tag === "None" ? null : `it stays smaller for now: ${failure.value.reason}`
    })

  return {
    /**
     * A volume that is ensured can be used by who its containers run as. Only its folder is handed over: what is in it stays
     * whose it is, as nobody shall walk through what a customer made there.
     */
    ensure: (
      { serviceId: id, sizeBytes, owner = nobody }: DesiredVolume,
      present: VolumeFiles,
      seen: Seen | null,
    ): Effect.Effect<Ensured, VolumeError> =>
      Effect.gen(function* () {
        if (!isSize(sizeBytes)) return yield* new VolumeError({ reason: `it cannot have ${sizeBytes} bytes` })
        const { image, mountPoint } = pathsOf(folder, id)
        if (!present.images.has(id)) yield* makeImage(id, sizeBytes, present)
        const size = yield* fileSystems.sizeOf(image)
        if (size < sizeBytes) yield* fileSystems.enlarge(image, sizeBytes)
        const isMounted = (yield* fileSystems.mounted).has(mountPoint)
        if (!isMounted && (yield* fileSystems.mount(image, mountPoint))) yield* endBlindOnes(id)
        const asBefore = seen?.settled === true && isMounted
        const smaller = asBefore && size >= sizeBytes ? null : yield* fit(id)
        if (!asBefore || seen.owner.uid !== owner.uid || seen.owner.gid !== owner.gid)
          yield* fileSystems.handOver(mountPoint, yield* outside(owner))
        const bigger =
          size > sizeBytes ? `it stays as big as it is, ${formatSize(size)}: none can be made smaller` : null
        return { settled: smaller === null, owner, note: smaller ?? bigger }
      }),

    /** Unmounts it, as before the agent's first start. */
    leave: (id: ServiceId) => Effect.ignore(fileSystems.unmount(pathsOf(folder, id).mountPoint)),

    /** Takes a volume away that nobody wants, unless a container has it: false. Its data stays for a week. */
    setAside: (id: ServiceId) =>
      Effect.gen(function* () {
        if ((yield* containersOf(id)).length > 0) return false
        const { image, mountPoint } = pathsOf(folder, id)
        if ((yield* fileSystems.mounted).has(mountPoint)) yield* fileSystems.unmount(mountPoint)
        const name = removedName(id, new Date(yield* Clock.currentTimeMillis))
        yield* fileSystems.renamed(image, join(folder, name))
        yield* Effect.logInfo(`the volume of ${id} is wanted no more: it is kept as ${name} for 7 days`)
        return true
      }),
  }
}
