import { Down, messageMaxBytes, protocolVersion, Up } from "@skypanel/contract/AgentProtocol"
import { Cause, Effect, Queue, Redacted, Schema, type Scope } from "effect"

export class ConnectionError extends Schema.TaggedError<ConnectionError>()("ConnectionError", {
  reason: Schema.String,
}) {}

/** One open connection to the platform. Any failure of it ends it. */
export interface Connection {
  /** Waits while the network takes nothing; one message at a time. */
  readonly send: (message: Up) => Effect.Effect<void, ConnectionError>
  /** The next message; fails when the connection has ended. */
  readonly receive: Effect.Effect<Down, ConnectionError>
}

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Down))
const encode = Schema.encodeUnknownEffect(Schema.fromJsonString(Up))

const openingDeadline = "10 seconds"
/** Messages that wait to be handled. More than this means that we do not keep up: start anew. */
const waitingMost = 256
/** Bytes that the network has not taken yet. */
const unsentMost = 2 * messageMaxBytes
const unsentDeadline = "30 seconds"

/** `http://host:8080/base` becomes `ws://host:8080/agent`. */
export const addressOf = (controlPlane: URL): URL => {
  const address = new URL("/agent", controlPlane)
  address.protocol = controlPlane.protocol === "https:" ? "wss:" : "ws:"
  return address
}

const opened = (socket: WebSocket) =>
  Effect.callback<void, ConnectionError>((resume) => {
    socket.addEventListener("open", () => resume(Effect.void))
    const fail = () =>
      resume(
        Effect.fail(new ConnectionError({ reason: "the platform does not answer, or refused the token" })),
      )
    socket.addEventListener("error", fail)
    socket.addEventListener("close", fail)
  }).pipe(
    Effect.timeoutOrElse({
      duration: openingDeadline,
      orElse: () => Effect.fail(new ConnectionError({ reason: `no connection within ${openingDeadline}` })),
    }),
  )

const close = (socket: WebSocket) =>
  Effect.callback<void>((resume) => {
    if (socket.readyState === WebSocket.CLOSED) return resume(Effect.void)
    socket.addEventListener("close", () => resume(Effect.void))
    socket.close(1000)
  }).pipe(Effect.timeoutOption("1 second"), Effect.asVoid)

const received = (data: unknown) => {
  if (typeof data !== "string") return Effect.fail(new ConnectionError({ reason: "a message was not text" }))
  // Characters: a bound on memory, and never stricter than the protocol's bound in bytes.
  if (data.length > messageMaxBytes)
    return Effect.fail(new ConnectionError({ reason: "a message was too long" }))
  return decode(data).pipe(
    Effect.mapError(
      (error) => new ConnectionError({ reason: `a message does not fit: ${error.message.slice(0, 200)}` }),
    ),
  )
}

/** Opens the connection; it closes with the scope. */
export const connect = (
  controlPlane: URL,
  token: Redacted.Redacted,
): Effect.Effect<Connection, ConnectionError, Scope.Scope> =>
  Effect.gen(function* () {
    const messages = yield* Queue.bounded<unknown, ConnectionError>(waitingMost)
    const socket = yield* Effect.acquireRelease(
      Effect.sync(
        () => new WebSocket(addressOf(controlPlane), [protocolVersion, `bearer.${Redacted.value(token)}`]),
      ),
      close,
    )
    const end = (reason: string) =>
      Queue.failCauseUnsafe(messages, Cause.fail(new ConnectionError({ reason })))
    socket.addEventListener("message", ({ data }) => {
      if (!Queue.offerUnsafe(messages, data)) end("too many messages wait")
    })
    socket.addEventListener("close", ({ code, reason }) => end(reason || `closed with code ${code}`))
    socket.addEventListener("error", () => end("the connection broke"))
    yield* opened(socket)

    const roomToSend = Effect.suspend(() => {
      if (socket.readyState !== WebSocket.OPEN)
        return Effect.fail(new ConnectionError({ reason: "the connection has ended" }))
      return socket.bufferedAmount < unsentMost ? Effect.succeed(true) : Effect.succeed(false)
    }).pipe(
      Effect.tap((room) => (room ? Effect.void : Effect.sleep("20 millis"))),
      Effect.repeat({ until: (room) => room }),
      Effect.timeoutOrElse({
        duration: unsentDeadline,
        orElse: () => Effect.fail(new ConnectionError({ reason: "the network takes nothing" })),
      }),
    )

    return {
      receive: Effect.flatMap(Queue.take(messages), received),
      send: (message) =>
        Effect.gen(function* () {
          yield* roomToSend
          const text = yield* Effect.mapError(
            encode(message),
            (error) => new ConnectionError({ reason: `own message does not fit: ${error.message}` }),
          )
          if (Buffer.byteLength(text) > messageMaxBytes)
            return yield* new ConnectionError({ reason: `own ${message._tag} message is too long` })
          socket.send(text)
        }),
    }
  })
