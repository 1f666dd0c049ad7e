import type { PgClient } from "@effect/sql-pg"
import { Envelope } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Cause, Context, Effect, Layer, PubSub, Queue, Schedule, Schema, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { PlatformConfig } from "../config.ts"
import { storableJson } from "../domain/storableJson.ts"
import { audit } from "../store/Audit.ts"
import { type AgentConnection, closeCodes } from "./AgentConnection.ts"
import { type Admitted, admit, Refused, refusal, refuse } from "./admission.ts"
import { FleetWatch } from "./FleetWatch.ts"
import { receive } from "./inbox.ts"
import type { Live } from "./Live.ts"
import type { Measurements } from "./Measurements.ts"
import type { PlatformKey } from "./PlatformKey.ts"
import type { RuntimeLogs } from "./RuntimeLogs.ts"

export type SessionNeeds =
  | SqlClient.SqlClient
  | PgClient.PgClient
  | PlatformConfig
  | PlatformKey
  | FleetWatch
  | Measurements
  | RuntimeLogs

/** Connections that have not shown who they are. */
const strangersMost = 200
const silentMs = 30_000

/** The agents that are connected to this process now. */
export class AgentSessions extends Context.Service<
  AgentSessions,
  {
    /** Serves one agent until its connection ends. */
    readonly serve: (connection: AgentConnection) => Effect.Effect<void, never, SessionNeeds>
    readonly connected: () => ReadonlyArray<Live>
    readonly get: (worker: WorkerId) => Live | undefined
    /** Ends the connection of a worker that is not to be one any more. */
    readonly expel: (worker: WorkerId) => Effect.Effect<void>
    /** A worker that has just told what it is: it wants to know what it shall do. */
    readonly introduced: Stream.Stream<WorkerId>
    /** Ticks when an agent has reported. */
    readonly reported: Stream.Stream<WorkerId>
  }
>()("platform/fleet/AgentSessions") {
  static readonly layer = Layer.effect(
    AgentSessions,
    Effect.suspend(() => make),
  )
}

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Envelope))

const make = Effect.gen(function* () {
  const watch = yield* FleetWatch
  const sessions = new Map<WorkerId, Live>()
  const introduced = yield* PubSub.sliding<WorkerId>(1_024)
  const reported = yield* PubSub.sliding<WorkerId>(1_024)
  let strangers = 0

  const next = (live: Live, text: string) =>
    Effect.gen(function* () {
      const { session, seq, message } = yield* decode(storableJson(text)).pipe(
        Effect.mapError(() => refusal("malformed")),
      )
      if (session !== live.session || seq !== live.seq + 1) return yield* refusal("replayed")
      live.seq = seq
      yield* receive(live, message)
      if (message._tag === "hello") yield* PubSub.publish(introduced, live.worker.id)
      if (message._tag === "observed") yield* PubSub.publish(reported, live.worker.id)
    })

  /** Until the connection ends, or brings something that it may not. */
  const listen = (live: Live) =>
    Effect.gen(function* () {
      while (true) yield* next(live, yield* Queue.take(live.connection.messages))
    })

  const tellMisuse = (live: Live, { code, message }: Refused) =>
    audit({
      actor: live.worker.name,
      action: `worker.${code}`,
      tone: "bad",
      text: `The connection of ${live.worker.name} was ended: ${message}`,
      worker: live.worker.id,
    }).pipe(Effect.ignore)

  const begin = ({ worker, session }: Admitted, connection: AgentConnection) => {
    const live: Live = {
      worker,
      session,
      connection,
      seq: 0,
      hello: null,
      observed: null,
      sentState: "",
      sentGeneration: 0,
    }
    // A worker has one session: a newer connection ends the one before.
    sessions.get(worker.id)?.connection.close(closeCodes.replaced, "another connection of this worker came")
    sessions.set(worker.id, live)
    connection.onFrame = () => watch.heard(worker.id)
    watch.connected(worker.id)
    return live
  }

  const end = (live: Live) => {
    live.connection.close(closeCodes.ended, "the session ended")
    if (sessions.get(live.worker.id) !== live) return
    sessions.delete(live.worker.id)
    watch.disconnected(live.worker.id)
  }

  const converse = (admitted: Admitted, connection: AgentConnection) =>
    Effect.acquireUseRelease(
      Effect.andThen(
        watch.meet(admitted.worker.id),
        Effect.sync(() => begin(admitted, connection)),
      ),
      (live) =>
        listen(live).pipe(
          Effect.tapErrorTag("Refused", (refused) => tellMisuse(live, refused)),
          Effect.tapCause((cause) =>
            Cause.hasInterruptsOnly(cause) || Cause.hasFails(cause)
              ? Effect.void
              : Effect.logWarning(`session of worker ${live.worker.name} ended`, cause),
          ),
        ),
      (live) => Effect.sync(() => end(live)),
    )

  const admitOne = (connection: AgentConnection) =>
    Effect.acquireUseRelease(
      Effect.suspend(() => {
        if (strangers >= strangersMost) return Effect.fail(refusal("too-many"))
        strangers += 1
        return Effect.void
      }),
      () => admit(connection),
      () =>
        Effect.sync(() => {
          strangers -= 1
        }),
    )

  /** A cut cable leaves a connection open on this side; it is ended when nothing was heard for so long. */
  const endSilent = Effect.sync(() => {
    for (const { worker, connection } of sessions.values())
      if (performance.now() - (watch.get(worker.id)?.heardAt ?? 0) > silentMs)
        connection.close(closeCodes.silent, "nothing was heard for a while")
  })
  yield* endSilent.pipe(Effect.repeat(Schedule.spaced("5 seconds")), Effect.forkScoped)

  return AgentSessions.of({
    serve: (connection) =>
      Effect.flatMap(admitOne(connection), (admitted) => converse(admitted, connection)).pipe(
        Effect.catchCause((cause) =>
          Effect.sync(() => {
            const error = Cause.squash(cause)
            if (error instanceof Refused) refuse(connection, error)
            else connection.close(1011, "the platform cannot go on with this connection")
          }),
        ),
      ),
    connected: () => Array.from(sessions.values()),
    get: (worker) => sessions.get(worker),
    expel: (worker) =>
      Effect.sync(() => {
        const live = sessions.get(worker)
        if (live !== undefined) refuse(live.connection, refusal("revoked"))
      }),
    introduced: Stream.fromPubSub(introduced),
    reported: Stream.fromPubSub(reported),
  })
})
