import type { Down } from "@skypanel/contract/AgentProtocol"
import type { BuildId } from "@skypanel/contract/Id"
import { Effect, Layer, Stream } from "effect"
import { Builder } from "../builder/Builder.ts"
import type { LogBatch } from "../builder/BuildLog.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { RuntimeLogs } from "../logs/RuntimeLogs.ts"
import { type Connection, ConnectionError, connect } from "./Connection.ts"
import { Report } from "./Report.ts"
import { forever } from "./reconnect.ts"

/** The platform names its period in its first message; until then this. */
const firstHeartbeatMs = 5_000
/** A burst of changes is one report; the first of it goes out at once. */
const reportsApart = "50 millis"
const silentHeartbeats = 3
const goodbyeDeadline = "2 seconds"

const handle = Effect.fnUntraced(function* (message: Down) {
  const desired = yield* DesiredState
  const builder = yield* Builder
  if (message._tag === "desired") yield* desired.accept(message)
  else if (message._tag === "buildLogStored") yield* builder.stored(message.buildId, message.seq)
})

/** Everything that we say unasked. */
const speak = (connection: Connection, heartbeatMs: () => number) =>
  Effect.gen(function* () {
    const report = yield* Report
    const builder = yield* Builder
    const logs = yield* RuntimeLogs
    let said = ""
    const hello = Effect.gen(function* () {
      const message = yield* report.hello
      const text = JSON.stringify(message)
      if (text === said) return
      said = text
      yield* connection.send(message)
    })
    const sayObserved = Effect.flatMap(report.observed, connection.send)
    yield* hello
    yield* sayObserved
    const onChange = report.changes.pipe(
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.runForEach(() => Effect.andThen(sayObserved, Effect.sleep(reportsApart))),
    )
    const heartbeat = Effect.suspend(() => Effect.sleep(heartbeatMs())).pipe(
      Effect.andThen(sayObserved),
      // What it said at first can change: a builder that has its packages now, another engine.
      Effect.andThen(hello),
      Effect.forever,
    )
    const sendLog = ({ buildId, lines }: LogBatch) =>
      connection.send({ _tag: "buildLog", buildId: buildId as BuildId, lines })
    const buildLogs = Stream.runForEach(builder.logs, sendLog)
    // After new lines are listened to, so that none is lost between the two; the platform knows doubles by their number.
    const replay = Effect.yieldNow.pipe(
      Effect.andThen(builder.replay),
      Effect.flatMap((batches) => Effect.forEach(batches, sendLog, { discard: true })),
      Effect.andThen(Effect.never),
    )
    const runtimeLogs = Stream.runForEach(logs.batches, (batch) =>
      connection.send({ _tag: "logs", ...batch }),
    )
    return yield* Effect.raceAllFirst([onChange, heartbeat, buildLogs, runtimeLogs, replay])
  })

/** One connection, from its opening to its end. Interrupted, it says goodbye. */
const session = Effect.gen(function* () {
  const { controlPlane, token } = yield* AgentConfig
  const connection = yield* connect(controlPlane, token)
  yield* Effect.logInfo(`connected to ${controlPlane.origin}`)
  let heartbeatMs = firstHeartbeatMs
  let welcomes = 0
  let heardAt = performance.now()
  const listen = connection.receive.pipe(
    Effect.tap((message) =>
      Effect.sync(() => {
        heardAt = performance.now()
        if (message._tag !== "welcome") return
        welcomes += 1
        heartbeatMs = Math.min(Math.max(message.heartbeatMs, 100), 60_000)
      }),
    ),
    Effect.flatMap(handle),
    Effect.forever,
  )
  // A connection that a cut cable left open says nothing of it for a quarter of an hour. A platform that has greeted
  // twice greets with every heartbeat; when that one is silent, it is not there.
  const silence = Effect.suspend(() => Effect.sleep(heartbeatMs)).pipe(
    Effect.repeat({
      until: () => welcomes > 1 && performance.now() - heardAt > silentHeartbeats * heartbeatMs,
    }),
    Effect.andThen(Effect.fail(new ConnectionError({ reason: "the platform is silent" }))),
  )
  yield* Effect.raceAllFirst([listen, speak(connection, () => heartbeatMs), silence]).pipe(
    Effect.onInterrupt(() =>
      connection.send({ _tag: "stopping" }).pipe(Effect.timeoutOption(goodbyeDeadline), Effect.ignore),
    ),
  )
}).pipe(Effect.scoped)

/** Keeps a session open for as long as the agent runs. */
export const layerSession = Layer.effectDiscard(
  Effect.gen(function* () {
    const desired = yield* DesiredState
    const builder = yield* Builder
    yield* Stream.runForEach(desired.changes, () =>
      desired.isFresh() ? builder.reconcile(desired.current().builds) : Effect.void,
    ).pipe(Effect.forkScoped)
    yield* forever(session, (error, pauseMs) =>
      Effect.logWarning(`no session with the platform: ${error.reason}; trying again in ${pauseMs} ms`),
    ).pipe(Effect.forkScoped)
  }),
)
