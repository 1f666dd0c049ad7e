import { randomUUID } from "node:crypto"
import type { LogRequest } from "@skypanel/contract/AgentProtocol"
import type { ServiceId } from "@skypanel/contract/Id"
import type { LogLine } from "@skypanel/contract/Log"
import { Context, Deferred, Effect, Layer, PubSub, Queue, Stream } from "effect"

interface Reader {
  readonly request: LogRequest
  readonly queue: Queue.Queue<LogLine, never>
  /** Workers that have not sent the end of a reading that does not follow. */
  readonly waitingFor: Set<string>
  readonly complete: Deferred.Deferred<void>
}

/** Readers of runtime logs, and what agents send them. A reader that is too slow loses the oldest lines. */
export class RuntimeLogs extends Context.Service<
  RuntimeLogs,
  {
    readonly requests: Effect.Effect<ReadonlyArray<LogRequest>>
    /** Ticks when somebody started or stopped reading. */
    readonly changed: Stream.Stream<void>
    readonly receive: (
      request: string,
      worker: string,
      lines: ReadonlyArray<LogLine>,
      end: boolean,
    ) => Effect.Effect<void>
    readonly follow: (service: ServiceId, lines: number) => Stream.Stream<LogLine>
    /** The newest lines, in order of time: what came within two seconds from the workers that are there. */
    readonly read: (
      service: ServiceId,
      lines: number,
      workers: ReadonlyArray<string>,
    ) => Effect.Effect<ReadonlyArray<LogLine>>
  }
>()("platform/fleet/RuntimeLogs") {
  static readonly layer = Layer.effect(
    RuntimeLogs,
    Effect.gen(function* () {
      const readers = new Map<string, Reader>()
      const changes = yield* PubSub.sliding<void>(16)

      const open = (service: ServiceId, lines: number, follow: boolean, workers: ReadonlyArray<string>) =>
        Effect.acquireRelease(
          Effect.gen(function* () {
            const queue = yield* Queue.sliding<LogLine>(20_000)
            const request = { id: randomUUID(), serviceId: service, lines, follow }
            const complete = yield* Deferred.make<void>()
            const reader: Reader = { request, queue, waitingFor: new Set(workers), complete }
            readers.set(request.id, reader)
            yield* PubSub.publish(changes, undefined)
            return reader
          }),
          (reader) =>
            Effect.sync(() => readers.delete(reader.request.id)).pipe(
              Effect.andThen(PubSub.publish(changes, undefined)),
              Effect.andThen(Queue.shutdown(reader.queue)),
            ),
        )

      return RuntimeLogs.of({
        requests: Effect.sync(() => Array.from(readers.values(), (reader) => reader.request)),
        changed: Stream.fromPubSub(changes),
        receive: (id, worker, lines, end) =>
          Effect.suspend(() => {
            const reader = readers.get(id)
            if (reader === undefined) return Effect.void
            if (end) reader.waitingFor.delete(worker)
            return Queue.offerAll(reader.queue, lines).pipe(
              Effect.andThen(
                end && reader.waitingFor.size === 0
                  ? Deferred.succeed(reader.complete, undefined)
                  : Effect.void,
              ),
              Effect.asVoid,
            )
          }),
        follow: (service, lines) =>
          Stream.unwrap(
            Effect.map(open(service, lines, true, []), (reader) => Stream.fromQueue(reader.queue)),
          ),
        read: (service, lines, workers) =>
          Effect.scoped(
            Effect.gen(function* () {
              const reader = yield* open(service, lines, false, workers)
              if (workers.length > 0)
                yield* Deferred.await(reader.complete).pipe(Effect.timeoutOption("2 seconds"))
              const found = yield* Queue.clear(reader.queue)
              return found.toSorted((a, b) => a.at.localeCompare(b.at)).slice(-lines)
            }),
          ),
      })
    }),
  )
}
