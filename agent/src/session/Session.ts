import type { Down } from "@skypanel/contract/AgentProtocol"
import type { BuildId } from "@skypanel/contract/Id"
import { rotationText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Layer, Ref, Stream } from "effect"
import { Builder } from "../builder/Builder.ts"
import type { LogBatch } from "../builder/BuildLog.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { Identity } from "../identity/Identity.ts"
import type { IdentityUnwritable } from "../identity/IdentityFile.ts"
import { type KeyPair, makeKeyPair, signText } from "../identity/KeyPair.ts"
import type { NotRegistered } from "../identity/register.ts"
import { RuntimeLogs } from "../logs/RuntimeLogs.ts"
import { Membership } from "../swarm/Membership.ts"
import { Upgrade } from "../upgrade/Upgrade.ts"
import { type Channel, openChannel } from "./Channel.ts"
import { ConnectionError, connect } from "./Connection.ts"
import { goodbye } from "./goodbye.ts"
import { handshake, type RefusedByPlatform } from "./handshake.ts"
import { PlatformContact } from "./PlatformContact.ts"
import { Report } from "./Report.ts"
import { forever } from "./reconnect.ts"
import { StatusFile } from "./StatusFile.ts"

/** A burst of changes is one report; the first of it goes out at once. */
const reportsApart = "50 millis"
const goodbyeDeadline = "2 seconds"
/** A key that is older is replaced at the next connection. */
const keyAgeMostSeconds = 24 * 60 * 60

/** Offers the platform a new key when the one in use is old. It is ours once the platform says so. */
const offerKey = (channel: Channel, pending: Ref.Ref<KeyPair | null>) =>
  Effect.gen(function* () {
    const { workerId, session, keyAgeSeconds } = channel.welcome
    if (keyAgeSeconds < keyAgeMostSeconds) return
    const pair = makeKeyPair()
    yield* Ref.set(pending, pair)
    const { publicKey } = pair
    const proof = signText(pair, rotationText({ session, workerId, publicKey }))
    yield* channel.send({ _tag: "rotate", publicKey, proof })
  })

const takeKey = (message: Extract<Down, { _tag: "rotated" }>, pending: Ref.Ref<KeyPair | null>) =>
  Effect.gen(function* () {
    const identity = yield* Identity
    const pair = yield* Ref.getAndSet(pending, null)
    if (pair?.publicKey === message.publicKey) yield* identity.rotated(message.keyId, pair)
  })

const handle = Effect.fnUntraced(function* (message: Down, pending: Ref.Ref<KeyPair | null>) {
  const desired = yield* DesiredState
  const builder = yield* Builder
  const membership = yield* Membership
  const upgrade = yield* Upgrade
  switch (message._tag) {
    case "desired":
      yield* desired.accept(message)
      return yield* upgrade.consider(message.agent)
    case "buildLogStored":
      return yield* builder.stored(message.buildId, message.seq)
    case "rotated":
      return yield* takeKey(message, pending)
    // A cluster that does not answer must not keep us from hearing the platform.
    case "join":
      return yield* Effect.forkChild(membership.join(message))
    case "leave":
      return yield* Effect.forkChild(membership.leave)
    default:
      return yield* new ConnectionError({ reason: `${message._tag} came at a wrong time` })
  }
})

/** Everything that we say unasked. */
const speak = (channel: Channel) =>
  Effect.gen(function* () {
    const report = yield* Report
    const builder = yield* Builder
    const logs = yield* RuntimeLogs
    const membership = yield* Membership
    let said = ""
    const hello = Effect.gen(function* () {
      const message = yield* report.hello
      const text = JSON.stringify(message)
      if (text === said) return
      said = text
      yield* channel.send(message)
    })
    const sayObserved = Effect.flatMap(report.observed, channel.send)
    yield* hello
    yield* sayObserved
    const onChange = report.changes.pipe(
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.runForEach(() => Effect.andThen(sayObserved, Effect.sleep(reportsApart))),
    )
    // What it said at first can change: a builder that has its packages now, a member of another cluster.
    const onPackages = Stream.runForEach(builder.changes, () => hello)
    const onMembership = Stream.runForEach(membership.changes, () => Effect.andThen(hello, sayObserved))
    const heartbeat = Effect.sleep(channel.welcome.heartbeatMs).pipe(
      Effect.andThen(sayObserved),
      Effect.andThen(hello),
      Effect.forever,
    )
    const sendLog = ({ buildId, lines }: LogBatch) =>
      channel.send({ _tag: "buildLog", buildId: buildId as BuildId, lines })
    const buildLogs = Stream.runForEach(builder.logs, sendLog)
    // After new lines are listened to, so that none is lost between the two; the platform knows doubles by their number.
    const replay = Effect.yieldNow.pipe(
      Effect.andThen(builder.replay),
      Effect.flatMap((batches) => Effect.forEach(batches, sendLog, { discard: true })),
      Effect.andThen(Effect.never),
    )
    const runtimeLogs = Stream.runForEach(logs.batches, (batch) => channel.send({ _tag: "logs", ...batch }))
    return yield* Effect.raceAllFirst([
      onChange,
      onPackages,
      onMembership,
      heartbeat,
      buildLogs,
      runtimeLogs,
      replay,
    ])
  })

/** One connection, from its opening to its end. Interrupted, it says goodbye. */
const session = Effect.gen(function* () {
  const { controlPlane } = yield* AgentConfig
  const contact = yield* PlatformContact
  const status = yield* StatusFile
  const identity = yield* Identity
  const upgrade = yield* Upgrade
  const own = yield* identity.current
  const opened = performance.now()
  const connection = yield* connect(controlPlane)
  const welcome = yield* handshake(connection, own)
  const channel = yield* openChannel(connection, welcome, contact.heardUs)
  contact.heardUs(opened)
  yield* Effect.logInfo(`connected to ${controlPlane.origin} as worker "${welcome.name}"`)
  yield* Effect.acquireRelease(contact.setConnected(true), () => contact.setConnected(false))
  yield* status.connected(welcome)
  yield* upgrade.confirm
  const pending = yield* Ref.make<KeyPair | null>(null)
  const listen = channel.receive.pipe(
    Effect.flatMap((message) => handle(message, pending)),
    Effect.forever,
  )
  yield* offerKey(channel, pending)
  yield* Effect.raceAllFirst([listen, speak(channel), channel.beat]).pipe(
    Effect.onInterrupt(() =>
      Effect.flatMap(goodbye, channel.send).pipe(Effect.timeoutOption(goodbyeDeadline), Effect.ignore),
    ),
  )
}).pipe(Effect.scoped)

type Ended = ConnectionError | RefusedByPlatform | NotRegistered | IdentityUnwritable

/** Asking again soon is of no use: only a person changes it. */
const isSettled = (error: Ended) =>
  error._tag === "RefusedByPlatform" || (error._tag === "NotRegistered" && error.final)

const unknownToPlatform = (error: Ended) =>
  error._tag === "RefusedByPlatform" && ["unknown", "revoked", "expired"].includes(error.code)

/** Keeps a session open for as long as the agent runs. */
export const layerSession = Layer.effectDiscard(
  Effect.gen(function* () {
    const desired = yield* DesiredState
    const builder = yield* Builder
    const identity = yield* Identity
    const status = yield* StatusFile
    yield* Stream.runForEach(desired.changes, () =>
      desired.isFresh() ? builder.reconcile(desired.current().builds) : Effect.void,
    ).pipe(Effect.forkScoped)
    yield* forever(session, isSettled, (error, pauseMs) =>
      Effect.gen(function* () {
        yield* Effect.logWarning(
          `no session with the platform: ${error.reason}; trying again in ${pauseMs} ms`,
        )
        if (unknownToPlatform(error)) yield* identity.refused
        yield* status.disconnected(error.reason)
      }),
    ).pipe(Effect.forkScoped)
  }),
)
