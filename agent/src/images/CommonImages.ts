import type { CommonImages as Wanted } from "@skypanel/contract/WorkerImages"
import { Context, Effect, Layer, Queue, Stream } from "effect"
import { Builder } from "../builder/Builder.ts"
import { makeChanges } from "../Changes.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import type { EngineError } from "../engine/call.ts"
import { ImageEngine } from "../engine/ImageEngine.ts"
import { Observer } from "../observer/Observer.ts"
import { isBusy, nextStep } from "./keeping.ts"

/** Between two looks, unless something else is wanted; by chance, so that a fleet does not ask at once. */
const restMs = 10_000
const restMoreMs = 20_000
/** One that could not be fetched, or removed, is left alone for so long. */
const unluckyMs = 5 * 60_000
const pullMost = "15 minutes"
/** A customer who comes meanwhile waits no longer than this. */
const busyEvery = "250 millis"

/**
 * Layers that many services have in common, fetched before anybody needs them and while there is nothing else to do: the
 * first deployment of a service here fetches only what is its own.
 */
export class CommonImages extends Context.Service<
  CommonImages,
  {
    /** The digests of those that are here. */
    readonly present: () => ReadonlyArray<string>
    readonly changes: Stream.Stream<void>
  }
>()("agent/images/CommonImages") {
  static readonly layer = Layer.effect(
    CommonImages,
    Effect.suspend(() => make),
  )
  /** For workers that run no services. */
  static readonly layerNone = Layer.succeed(CommonImages, { present: () => [], changes: Stream.never })
}

const make = Effect.gen(function* () {
  const desired = yield* DesiredState
  const engine = yield* ImageEngine
  const observer = yield* Observer
  const builder = yield* Builder
  const changes = yield* makeChanges
  const unlucky = new Map<string, number>()
  let here: ReadonlyArray<string> = []

  const busy = Effect.map(builder.observed, (builds) =>
    isBusy({ placements: desired.current().placements, containers: observer.containers(), builds }),
  )
  const untilBusy = busy.pipe(
    Effect.tap(() => Effect.sleep(busyEvery)),
    Effect.repeat({ until: (is) => is }),
  )

  const see = (repository: string) =>
    Effect.gen(function* () {
      const found = (yield* engine.digests(repository)).toSorted()
      if (found.join() === here.join()) return
      here = found
      yield* changes.tell
    })

  const leaveAlone = (digest: string, what: string) =>
    Effect.catch((error: unknown) => {
      unlucky.set(digest, Date.now() + unluckyMs)
      return Effect.logWarning(`a common image cannot be ${what}; it is tried again later`, error)
    })

  const pull = (digest: string, { repository, ...login }: Wanted) =>
    engine
      .pull(`${repository}@${digest}`, login)
      .pipe(Effect.timeout(pullMost), Effect.raceFirst(untilBusy), leaveAlone(digest, "fetched"))

  const remove = (digest: string, { repository }: Wanted) =>
    engine.remove(`${repository}@${digest}`).pipe(leaveAlone(digest, "removed"))

  /** Whether something was done or could not be, so that there may be more to do. */
  const look = Effect.gen(function* () {
    const wanted = desired.isFresh() ? desired.current().common : undefined
    if (wanted === undefined) return false
    yield* see(wanted.repository)
    for (const [digest, until] of unlucky) if (until < Date.now()) unlucky.delete(digest)
    const step = nextStep(wanted, here, new Set(unlucky.keys()), yield* engine.disk)
    if (step === null || (yield* busy)) return false
    yield* "pull" in step ? pull(step.pull, wanted) : remove(step.remove, wanted)
    yield* see(wanted.repository)
    return true
  })

  const news = yield* Queue.sliding<void>(1)
  yield* desired.changes.pipe(
    Stream.map(() => JSON.stringify(desired.current().common)),
    Stream.changes,
    Stream.runForEach(() => Queue.offer(news, undefined)),
    Effect.forkScoped,
  )
  const rest = Effect.suspend(() => Effect.sleep(restMs + Math.random() * restMoreMs))
  yield* look.pipe(
    Effect.catch((error: EngineError) =>
      Effect.as(Effect.logDebug("the images cannot be seen", error), false),
    ),
    Effect.flatMap((more) => (more ? Effect.void : Effect.raceFirst(Queue.take(news), rest))),
    Effect.forever,
    Effect.forkScoped,
  )
  return { present: () => here, changes: changes.stream }
})
