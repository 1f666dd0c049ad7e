import { Effect, FiberMap, Layer, Stream } from "effect"
import { DesiredState } from "../desired/DesiredState.ts"
import { ContainerEngine } from "../engine/ContainerEngine.ts"
import type { Container } from "../observer/Container.ts"
import { Observer } from "../observer/Observer.ts"
import { Peers } from "../peers/Peers.ts"
import { PlatformContact } from "../session/PlatformContact.ts"
import { fenced, toStop } from "./fencing.ts"

/** A lease ends while nothing changes. */
const lookEvery = "1 second"
/** Another worker may start its copy when lease and grace are over. */
const graceSeconds = 10
const againAfter = "2 seconds"

/**
 * Stops containers that another worker may be starting: those of placements that have ended, and those on a lease when
 * this worker alone does not hear the platform. It starts none: what runs where is the platform's to say.
 */
const make = Effect.gen(function* () {
  const desired = yield* DesiredState
  const observer = yield* Observer
  const engine = yield* ContainerEngine
  const contact = yield* PlatformContact
  const peers = yield* Peers
  const stopping = yield* FiberMap.make<string>()

  const stop = ({ id, placementId }: Container) =>
    Effect.logWarning(`stopping a container of ${placementId}: it may not run here any more`).pipe(
      Effect.andThen(engine.stop(id, graceSeconds)),
      Effect.catch(({ reason }) => Effect.logError(`cannot stop the container: ${reason}`)),
      // The engine may say so before the observer sees it: not asked again in between.
      Effect.andThen(Effect.sleep(againAfter)),
    )

  const look = Effect.gen(function* () {
    const state = desired.current()
    const standing = {
      silentMs: contact.silentMs(),
      peers: state.peers.length,
      sayLost: peers.sayLost(),
    }
    yield* Effect.forEach(
      toStop(observer.all(), fenced(state, standing)),
      (container) => FiberMap.run(stopping, container.id, stop(container), { onlyIfMissing: true }),
      { discard: true },
    )
  })

  yield* Stream.mergeAll([desired.changes, observer.changes, peers.changes, Stream.tick(lookEvery)], {
    concurrency: "unbounded",
  }).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => look),
    Effect.forkScoped,
  )
})

export const layerFence = Layer.effectDiscard(make)
