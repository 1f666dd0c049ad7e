import type { LogRequest, Up } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, FiberMap, Layer, Queue, Stream } from "effect"
import { DesiredState } from "../desired/DesiredState.ts"
import { ContainerEngine } from "../engine/ContainerEngine.ts"
import { Observer } from "../observer/Observer.ts"
import { readLogs } from "./LogReading.ts"

export type LogsBatch = Omit<Extract<Up, { _tag: "logs" }>, "_tag">

/** Batches that wait for the network; then the oldest are lost. */
const waitingMost = 200
const readersMost = 100

/** The output of running services, for those who read it now. */
export class RuntimeLogs extends Context.Service<
  RuntimeLogs,
  {
    /** What was asked for, in batches. The oldest are lost while nobody takes them. */
    readonly batches: Stream.Stream<LogsBatch>
  }
>()("agent/logs/RuntimeLogs") {
  static readonly layer = Layer.effect(
    RuntimeLogs,
    Effect.gen(function* () {
      const desired = yield* DesiredState
      const engine = yield* ContainerEngine
      const observer = yield* Observer
      const waiting = yield* Queue.sliding<LogsBatch>(waitingMost)
      const readers = yield* FiberMap.make<string>()
      /** Finished ones too, until the platform forgets them: they shall not begin again. */
      const known = new Set<string>()

      const read = (request: LogRequest) =>
        readLogs(request, { engine, observer }, (lines, end) =>
          Effect.asVoid(Queue.offer(waiting, { id: request.id, lines, end })),
        )
      const adjust = Effect.gen(function* () {
        const requests = desired.isFresh() ? desired.current().logs.slice(0, readersMost) : []
        const wanted = new Set(requests.map(({ id }) => id))
        for (const id of known) {
          if (wanted.has(id)) continue
          known.delete(id)
          yield* FiberMap.remove(readers, id)
        }
        for (const request of requests) {
          if (known.has(request.id)) continue
          known.add(request.id)
          yield* FiberMap.run(readers, request.id, read(request))
        }
      })
      yield* Stream.runForEach(desired.changes, () => adjust).pipe(Effect.forkScoped)
      // Not from the queue itself: a session that ends must not end it.
      return { batches: Stream.fromEffectRepeat(Queue.take(waiting)) }
    }),
  )
}
