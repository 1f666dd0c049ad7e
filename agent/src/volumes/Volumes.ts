import { chmod, mkdir, readdir, realpath, rm } from "node:fs/promises"
import { join } from "node:path"
import type { DesiredVolume } from "@skypanel/contract/AgentProtocol"
import type { ServiceId } from "@skypanel/contract/Id"
import { Clock, Context, Effect, Layer, Schedule, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { ContainerEngine } from "../engine/ContainerEngine.ts"
import { containerOwner } from "./containerOwner.ts"
import { makeFileSystems, VolumeError } from "./FileSystems.ts"
import { machineMounts } from "./mountNamespace.ts"
import { makeVolumeKeeper, type Seen } from "./VolumeKeeper.ts"
import { expired, unwanted, type VolumeFiles, volumeFilesOf } from "./volumeFiles.ts"

const lookEvery = "10 seconds"
/** At a machine's start each may have a file system to mend. */
const atOnce = 4

/**
 * The folder as mounts name it, which know no symbolic links. Others may pass through to what is theirs, and see
 * nothing else.
 */
const folderIn = (dataFolder: string) =>
  Effect.promise(async () => {
    const folder = join(dataFolder, "volumes")
    try {
      await mkdir(folder, { recursive: true })
      // Not as its mode when it is made: a unit's UMask takes from that.
      await chmod(folder, 0o711)
      return await realpath(folder)
    } catch {
      return folder
    }
  })

/** The volumes of this worker's services: `<data>/volumes/<service>`. */
export class Volumes extends Context.Service<
  Volumes,
  {
    /** Services whose volumes can be mounted into a container. */
    readonly ready: () => ReadonlyArray<ServiceId>
    /** Whose each of them is, as its containers' uid. */
    readonly owners: () => Readonly<Record<ServiceId, number>>
    /** Why a volume is not ready; null when all are. */
    readonly problem: () => string | null
    readonly changes: Stream.Stream<void>
  }
>()("agent/volumes/Volumes") {
  static readonly layer = Layer.effect(
    Volumes,
    Effect.suspend(() => make),
  )
  /** For workers that run no services. */
  static readonly layerNone = Layer.succeed(Volumes, {
    ready: () => [],
    owners: () => ({}),
    problem: () => null,
    changes: Stream.never,
  })
}

const make = Effect.gen(function* () {
  const { dataFolder, development, dockerSocket } = yield* AgentConfig
  const desired = yield* DesiredState
  const changes = yield* makeChanges
  const folder = yield* folderIn(dataFolder)
  const keeper = makeVolumeKeeper({
    folder,
    fileSystems: makeFileSystems(machineMounts()),
    engine: yield* ContainerEngine,
    outside: (inside) =>
      containerOwner(dockerSocket, inside).pipe(
        Effect.mapError(
          ({ reason }) => new VolumeError({ reason: `the Docker Engine does not answer: ${reason}` }),
        ),
      ),
  })
  const ready = new Map<ServiceId, Seen>()
  const faults = new Map<ServiceId, string>()
  const notes = new Map<ServiceId, string>()

  const files: Effect.Effect<VolumeFiles, VolumeError> = Effect.tryPromise({
    try: async () => volumeFilesOf(await readdir(folder)),
    catch: (error) => new VolumeError({ reason: `${folder} cannot be used: ${(error as Error).message}` }),
  })

  const deleted = (name: string) =>
    Effect.tryPromise({
      try: () => rm(join(folder, name), { force: true }),
      catch: (error) => new VolumeError({ reason: `${name} cannot be deleted: ${(error as Error).message}` }),
    })

  /** Once, and again when it is another one. */
  const note = (id: ServiceId, text: string | null) =>
    Effect.suspend(() => {
      if (text === null) notes.delete(id)
      if (text === null || notes.get(id) === text) return Effect.void
      notes.set(id, text)
      return Effect.logWarning(`the volume of ${id}: ${text}`)
    })

  const fail = (id: ServiceId, reason: string) =>
    Effect.suspend(() => {
      ready.delete(id)
      if (faults.get(id) === reason) return Effect.void
      faults.set(id, reason)
      return Effect.logError(`the volume of ${id} is not ready: ${reason}`)
    })

  const bring = (volume: DesiredVolume, present: VolumeFiles) => {
    const id = volume.serviceId
    return keeper.ensure(volume, present, ready.get(id) ?? null).pipe(
      Effect.flatMap((ensured) => {
        ready.set(id, ensured)
        faults.delete(id)
        return note(id, ensured.note)
      }),
      Effect.catch(({ reason }) => fail(id, reason)),
    )
  }

  const takeAway = (id: ServiceId) =>
    keeper.setAside(id).pipe(
      Effect.flatMap((done) => note(id, done ? null : "nobody wants it, but a container still has it")),
      Effect.catch(({ reason }) => note(id, `it stays: ${reason}`)),
    )

  const forget = (present: VolumeFiles, wanted: ReadonlySet<ServiceId>) =>
    Effect.gen(function* () {
      const over = expired(present, yield* Clock.currentTimeMillis)
      const comesBack = (id: ServiceId) => wanted.has(id) && !present.images.has(id)
      for (const { name } of over.filter(({ serviceId }) => !comesBack(serviceId))) {
        yield* deleted(name)
        yield* Effect.logInfo(`${name} was kept for 7 days and is deleted`)
      }
    })

  const readyNow = () => [...ready.keys()].toSorted()
  const ownersNow = () => Object.fromEntries(readyNow().map((id) => [id, ready.get(id)!.owner.uid]))
  const shown = () => JSON.stringify([ownersNow(), [...faults]])

  const reconcile = Effect.gen(function* () {
    const before = shown()
    // Two at work on one volume at once would be one too many.
    const volumes = new Map(desired.current().volumes.map((volume) => [volume.serviceId, volume]))
    const wanted = new Set(volumes.keys())
    for (const id of [...ready.keys(), ...faults.keys()].filter((one) => !wanted.has(one))) {
      ready.delete(id)
      faults.delete(id)
    }
    yield* Effect.gen(function* () {
      const present = yield* files
      yield* Effect.forEach(volumes.values(), (volume) => bring(volume, present), {
        concurrency: atOnce,
        discard: true,
      })
      // What only the disk remembers is no reason to take anything away.
      if (!desired.isFresh()) return
      for (const id of unwanted(present, wanted)) yield* takeAway(id)
      yield* forget(present, wanted)
    }).pipe(Effect.catch(({ reason }) => Effect.forEach(wanted, (id) => fail(id, reason), { discard: true })))
    if (shown() !== before) yield* changes.tell
  })

  if (development)
    yield* Effect.addFinalizer(() => Effect.forEach(ready.keys(), keeper.leave, { discard: true }))
  yield* files.pipe(
    Effect.flatMap(({ unfinished }) => Effect.forEach(unfinished, deleted, { discard: true })),
    Effect.catch(({ reason }) => Effect.logWarning(reason)),
  )
  yield* Stream.merge(Stream.fromSchedule(Schedule.spaced(lookEvery)), desired.changes).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => reconcile),
    Effect.forkScoped,
  )

  return {
    ready: readyNow,
    owners: ownersNow,
    problem: () => {
      const [first] = faults
      return first === undefined ? null : `the volume of ${first[0]} is not ready: ${first[1]}`
    },
    changes: changes.stream,
  }
})
