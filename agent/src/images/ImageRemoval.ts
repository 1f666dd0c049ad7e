import { join } from "node:path"
import { type ImagesObserved, imagesRemovedMost } from "@skypanel/contract/WorkerImages"
import { Context, Effect, Layer, Queue, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import type { Disk } from "../Disk.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import type { EngineError } from "../engine/call.ts"
import { ImageEngine, type StoredImage } from "../engine/ImageEngine.ts"
import { loadImageRecord, saveImageRecord } from "./ImageRecord.ts"
import { bytesOf, isOurs, isTooFull, lastUses, serviceImagesOf, spareImages } from "./removing.ts"

/** Between two rounds, unless something else is to be kept; by chance, so that a fleet does not look at once. */
const restMs = 20_000
const restMoreMs = 20_000
/** One that could not be removed is left alone for so long. */
const unluckyMs = 5 * 60_000
/** In one round: the engine has others to serve. */
const roundMost = 10
/** So many addresses of the registry are remembered. */
const registriesMost = 20
/** What images take is counted again when they are others, and this often in any case. */
const countEveryMs = 60 * 60_000
/** When they were used is written down when they are others, and this often in any case. */
const writeEveryMs = 10 * 60_000

/**
 * Removes the platform's images that nothing on this worker needs, one after the other, while they or the disk are
 * above what the fleet's policy gives. Others' images are not touched. What it remembers is only for the order: killed
 * at any instant it goes on with what the engine has.
 */
export class ImageRemoval extends Context.Service<
  ImageRemoval,
  {
    /** Null until it has looked. */
    readonly observed: () => ImagesObserved | null
    /** That images are on; null until it has looked. */
    readonly disk: () => Disk | null
    readonly changes: Stream.Stream<void>
  }
>()("agent/images/ImageRemoval") {
  static readonly layer = Layer.effect(
    ImageRemoval,
    Effect.suspend(() => make),
  )
  /** For workers that run no services. */
  static readonly layerNone = Layer.succeed(ImageRemoval, {
    observed: () => null,
    disk: () => null,
    changes: Stream.never,
  })
}

const make = Effect.gen(function* () {
  const { dataFolder } = yield* AgentConfig
  const desired = yield* DesiredState
  const engine = yield* ImageEngine
  const changes = yield* makeChanges
  const file = join(dataFolder, "images.json")
  const record = yield* loadImageRecord(file)
  let usedAt: ReadonlyMap<string, number> = new Map(Object.entries(record.usedAt))
  let { removed, registries = [] } = record
  let written = { ids: "", at: Number.NEGATIVE_INFINITY }
  let counted = { ids: "", at: Number.NEGATIVE_INFINITY, bytes: 0 }
  const unlucky = new Map<string, { readonly until: number; readonly why: string }>()
  let disk: Disk | null = null
  let observed: ImagesObserved | null = null

  const idsOf = (images: ReadonlyArray<StoredImage>) => images.map(({ id }) => id).join()

  const write = (images: ReadonlyArray<StoredImage>) =>
    Effect.gen(function* () {
      written = { ids: idsOf(images), at: performance.now() }
      yield* saveImageRecord(file, { usedAt: Object.fromEntries(usedAt), removed, registries })
    })

  /** What is pulled from there is ours, also when the registry has another address one day. */
  const remember = (registry: string, images: ReadonlyArray<StoredImage>) =>
    Effect.suspend(() => {
      if (registries[0] === registry) return Effect.void
      registries = [registry, ...registries.filter((each) => each !== registry)].slice(0, registriesMost)
      return write(images)
    })

  const note = (images: ReadonlyArray<StoredImage>) =>
    Effect.suspend(() => {
      usedAt = lastUses(usedAt, images, Date.now())
      for (const [id, { until }] of unlucky) if (until < Date.now() || !usedAt.has(id)) unlucky.delete(id)
      const isNews = written.ids !== idsOf(images) || performance.now() - written.at > writeEveryMs
      return isNews ? write(images) : Effect.void
    })

  /** An engine that does not say makes the sum the answer. */
  const layersBytes = (images: ReadonlyArray<StoredImage>) =>
    Effect.gen(function* () {
      const ids = idsOf(images)
      if (counted.ids !== ids || performance.now() - counted.at > countEveryMs) {
        const bytes = yield* engine.layersBytes.pipe(
          Effect.catch((error) =>
            Effect.as(Effect.logDebug("images cannot be counted", error), Number.MAX_SAFE_INTEGER),
          ),
        )
        counted = { ids, at: performance.now(), bytes }
      }
      return counted.bytes
    })

  const tell = (now: ImagesObserved) =>
    Effect.suspend(() => {
      // The disk is news with every heartbeat, not by itself.
      const text = (of: ImagesObserved | null) => JSON.stringify({ ...of, disk: null })
      const isNews = text(observed) !== text(now)
      observed = now
      return isNews ? changes.tell : Effect.void
    })

  /** Each name of its own goes; the engine removes it with the last, and refuses while a container is made of it. */
  const remove = (image: StoredImage) =>
    Effect.forEach(image.references, engine.remove, { discard: true }).pipe(
      Effect.as(true),
      Effect.catch((error) =>
        Effect.gen(function* () {
          unlucky.set(image.id, { until: Date.now() + unluckyMs, why: error.reason.slice(0, 500) })
          yield* Effect.logWarning("an image cannot be removed; it is tried again later", error)
          return false
        }),
      ),
    )

  /** How it is, and what is to go next: by what is to be kept once the engine has answered. */
  const look = Effect.gen(function* () {
    const images = yield* engine.all
    yield* note(images)
    const layers = yield* layersBytes(images)
    const room = yield* engine.disk
    disk = room
    const keeping = desired.isFresh() ? desired.current().images : undefined
    if (keeping === undefined) return null
    yield* remember(keeping.registry, images)
    const ours = { ...keeping, earlier: registries.slice(1) }
    const bytes = bytesOf(images, ours, layers)
    const spare = spareImages(ours, images, usedAt, Date.now())
    const next = isTooFull(keeping, bytes, room) ? spare.find(({ id }) => !unlucky.has(id)) : undefined
    const count = images.filter((image) => isOurs(ours, image)).length
    return { images, ours, bytes, room, next, count, spare: spare.length }
  })

  const show = ({ bytes, room, count, spare }: NonNullable<Effect.Success<typeof look>>) =>
    tell({
      ...{ bytes, count, spare, removed },
      disk: { totalBytes: room.total, usedBytes: room.used },
      problem: unlucky.values().next().value?.why ?? null,
    })

  /** Whether one was removed, or could not be, so that there may be more to do. */
  const step = Effect.gen(function* () {
    const before = yield* look
    if (before === null) return false
    const { next, ours } = before
    if (next === undefined) return yield* Effect.as(show(before), false)
    const isGone = yield* remove(next)
    const after = yield* look
    if (after === null) return false
    if (isGone) {
      const at = new Date().toISOString()
      const freed = Math.max(0, before.bytes - after.bytes)
      const those = serviceImagesOf(ours, next).map((one, n) => ({
        ...{ ...one, at },
        // Of one that several services had, once.
        freedBytes: n === 0 ? freed : 0,
      }))
      removed = [...those, ...removed].slice(0, imagesRemovedMost)
      yield* write(after.images)
      yield* Effect.logInfo(`removed ${next.references.join(" and ")}, which nothing here needs`)
    }
    yield* show(after)
    return true
  })

  const news = yield* Queue.sliding<void>(1)
  yield* desired.changes.pipe(
    Stream.map(() => JSON.stringify(desired.current().images)),
    Stream.changes,
    Stream.runForEach(() => Queue.offer(news, undefined)),
    Effect.forkScoped,
  )
  const rest = Effect.suspend(() => Effect.sleep(restMs + Math.random() * restMoreMs))
  yield* step.pipe(
    Effect.repeat({ while: (more) => more, times: roundMost - 1 }),
    Effect.catch((error: EngineError) => Effect.logDebug("the images cannot be seen", error)),
    Effect.andThen(Effect.raceFirst(Queue.take(news), rest)),
    Effect.forever,
    Effect.forkScoped,
  )
  return { observed: () => observed, disk: () => disk, changes: changes.stream }
})
