import type { PgClient } from "@effect/sql-pg"
import { type Desired, Down, type Observed, Up } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Cause, Context, Effect, Layer, Queue, Schema, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { PlatformConfig } from "../config.ts"
import { appendBuildLog, recordBuild } from "../store/Builds.ts"
import { Changes } from "../store/Changes.ts"
import type { WorkerRow } from "../store/rows.ts"
import {
  heartbeatMs,
  nextGeneration,
  recordContainers,
  recordDisconnect,
  recordHeartbeat,
  recordHello,
} from "../store/Workers.ts"
import { type DesiredState, desiredState } from "./Desired.ts"
import { RuntimeLogs } from "./RuntimeLogs.ts"

/** The connection to one agent, whatever carries it. */
export interface AgentConnection {
  readonly send: (text: string) => void
  readonly close: (reason: string) => void
  /** Text frames; ends when the connection does. */
  readonly messages: Queue.Dequeue<string, Cause.Done>
}

const decodeUp = Schema.decodeUnknownEffect(Schema.fromJsonString(Up))
const encodeDown = Schema.encodeUnknownSync(Schema.fromJsonString(Down))

const welcome = (workerId: WorkerId): Down => ({ _tag: "welcome", workerId, heartbeatMs })

interface Live {
  readonly connection: AgentConnection
  endpointAddress: string | null
  observed: Observed | null
  sentState: string
  sentGeneration: number
}

type Needs = SqlClient.SqlClient | PgClient.PgClient | PlatformConfig

/** The agents that are connected now, and their side of the two full states. */
export class AgentSessions extends Context.Service<
  AgentSessions,
  {
    /** Serves one agent until its connection ends. */
    readonly serve: (worker: WorkerRow, connection: AgentConnection) => Effect.Effect<void, never, Needs>
    readonly connected: Effect.Effect<ReadonlyArray<WorkerId>>
    /** Where the worker's proxy answers; null when it is not connected. */
    readonly endpointAddress: (worker: WorkerId) => Effect.Effect<string | null>
    /** Sends the state as it is now to every agent, and waits until each has carried it out or gone. */
    readonly settle: Effect.Effect<void, never, Needs>
  }
>()("platform/fleet/AgentSessions") {
  static readonly layer = Layer.effect(
    AgentSessions,
    Effect.gen(function* () {
      const sessions = new Map<WorkerId, Live>()
      const changes = yield* Changes
      const runtimeLogs = yield* RuntimeLogs

      const send = (live: Live, message: Down) => Effect.sync(() => live.connection.send(encodeDown(message)))

      const pushDesired = (worker: WorkerId, live: Live) =>
        Effect.gen(function* () {
          const state: DesiredState = yield* desiredState(worker, yield* runtimeLogs.requests)
          const text = JSON.stringify(state)
          if (text === live.sentState) return
          const generation = yield* nextGeneration(worker)
          live.sentState = text
          live.sentGeneration = generation
          const desired: Desired = { _tag: "desired", generation, ...state }
          yield* send(live, desired)
        }).pipe(Effect.catchCause((cause) => Effect.logWarning("cannot send the desired state", cause)))

      const follow = (worker: WorkerId, live: Live) =>
        Stream.merge(
          changes.stream.pipe(Stream.filter((change) => change.table !== "worker")),
          runtimeLogs.changed,
        ).pipe(
          Stream.merge(Stream.tick("5 seconds")),
          // A burst of changes is one new state.
          Stream.buffer({ capacity: 1, strategy: "sliding" }),
          Stream.runForEach(() => pushDesired(worker, live)),
        )

      /** Said again with every heartbeat: an agent that hears nothing for three takes the connection for cut. */
      const beat = (worker: WorkerId, live: Live) =>
        Stream.tick(heartbeatMs).pipe(
          Stream.drop(1),
          Stream.runForEach(() => send(live, welcome(worker))),
        )

      const recordObserved = (worker: WorkerId, live: Live, observed: Observed) =>
        Effect.gen(function* () {
          const before = live.observed
          live.observed = observed
          for (const build of observed.builds) yield* recordBuild(worker, build)
          if (JSON.stringify(before?.containers) !== JSON.stringify(observed.containers))
            yield* recordContainers(worker, observed.containers)
          yield* recordHeartbeat(worker, observed)
        })

      const handle = (worker: WorkerId, live: Live, message: Up) => {
        switch (message._tag) {
          case "hello":
            live.endpointAddress = message.endpointAddress
            return recordHello(worker, message).pipe(
              Effect.andThen(send(live, welcome(worker))),
              Effect.andThen(pushDesired(worker, live)),
            )
          case "observed":
            return recordObserved(worker, live, message)
          case "buildLog":
            return Effect.gen(function* () {
              const seq = yield* appendBuildLog(worker, message.buildId, message.lines)
              yield* send(live, { _tag: "buildLogStored", buildId: message.buildId, seq })
              // An end that was reported before its last lines waited for them.
              const build = live.observed?.builds.find((build) => build.id === message.buildId)
              if (build !== undefined && seq >= build.logSeq) yield* recordBuild(worker, build)
            })
          case "logs":
            return runtimeLogs.receive(message.id, worker, message.lines, message.end)
          case "stopping":
            return recordDisconnect(worker, true)
        }
      }

      /** Ends when the agent has said nothing for three heartbeats, or something that it may not say. */
      const receive = (worker: WorkerId, live: Live) =>
        Effect.gen(function* () {
          while (true) {
            const text = yield* Queue.take(live.connection.messages).pipe(
              Effect.timeoutOrElse({
                duration: 3 * heartbeatMs,
                orElse: () => Effect.fail("silent" as const),
              }),
            )
            const message = yield* decodeUp(text)
            yield* handle(worker, live, message)
          }
        })

      const serve = (worker: WorkerRow, connection: AgentConnection) =>
        Effect.gen(function* () {
          const live: Live = {
            connection,
            endpointAddress: null,
            observed: null,
            sentState: "",
            sentGeneration: 0,
          }
          // A worker has one session: a newer connection ends the one before.
          sessions.get(worker.id)?.connection.close("another connection of this worker came")
          sessions.set(worker.id, live)
          yield* Effect.raceAllFirst([
            receive(worker.id, live),
            follow(worker.id, live),
            beat(worker.id, live),
          ]).pipe(
            Effect.catchCause((cause) =>
              Cause.hasInterruptsOnly(cause)
                ? Effect.void
                : Effect.logInfo(`session of worker ${worker.name} ended`, Cause.squash(cause)),
            ),
            Effect.ensuring(
              Effect.gen(function* () {
                connection.close("the session ended")
                if (sessions.get(worker.id) !== live) return
                sessions.delete(worker.id)
                yield* recordDisconnect(worker.id, false).pipe(Effect.ignore)
              }),
            ),
          )
        })

      const settle = Effect.gen(function* () {
        for (const [worker, live] of sessions) yield* pushDesired(worker, live)
        const wanted = new Map(Array.from(sessions, ([worker, live]) => [worker, live.sentGeneration]))
        yield* changes.until(
          Effect.sync(() =>
            Array.from(wanted).every(([worker, generation]) => {
              const live = sessions.get(worker)
              return live === undefined || (live.observed?.generation ?? 0) >= generation
            })
              ? true
              : null,
          ),
          (change) => change.table === "worker",
        )
      })

      return AgentSessions.of({
        serve,
        connected: Effect.sync(() => Array.from(sessions.keys())),
        endpointAddress: (worker) => Effect.sync(() => sessions.get(worker)?.endpointAddress ?? null),
        settle: Effect.asVoid(settle),
      })
    }),
  )
}
