import { desiredMaxBytes, messageMaxBytes, protocolVersions } from "@skypanel/contract/AgentProtocol"
import { Cause, Effect, Queue, Schema, type Scope } from "effect"

export class ConnectionError extends Schema.TaggedError<ConnectionError>()("ConnectionError", {
  reason: Schema.String,
}) {}

/** One open connection to the platform: text frames both ways. Any failure of it ends it. */
export interface Connection {
  /** The subprotocol that the platform chose. */
  readonly protocol: string
  /** Waits while the network takes nothing. */
  readonly send: (text: string) => Effect.Effect<void, ConnectionError>
  /** The next frame; fails when the connection has ended. */
  readonly receive: Effect.Effect<string, ConnectionError>
}

const openingDeadline = "10 seconds"
/** Frames that wait to be handled. More than this means that we do not keep up: start anew. */
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
      resume(Effect.fail(new ConnectionError({ reason: "the platform does not take the connection" })))
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

const textOf = (data: unknown) => {
  if (typeof data !== "string") return Effect.fail(new ConnectionError({ reason: "a message was not text" }))
  // Characters: a bound on memory, and never stricter than the protocol's bound in bytes.
  return data.length > desiredMaxBytes
    ? Effect.fail(new ConnectionError({ reason: "a message was too long" }))
    : Effect.succeed(data)
}

/** Opens the connection; it closes with the scope. */
export const connect = (controlPlane: URL): Effect.Effect<Connection, ConnectionError, Scope.Scope> =>
  Effect.gen(function* () {
    const frames = yield* Queue.bounded<unknown, ConnectionError>(waitingMost)
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => new WebSocket(addressOf(controlPlane), [...protocolVersions])),
      close,
    )
    const end = (reason: string) => Queue.failCauseUnsafe(frames, Cause.fail(new ConnectionError({ reason })))
    socket.addEventListener("message", ({ data }) => {
      if (!Queue.offerUnsafe(frames, data)) end("too many messages wait")
    })
    socket.addEventListener("close", ({ code, reason }) => end(reason || `closed with code ${code}`))
    socket.addEventListener("error", () => end("the connection broke"))
    yield* opened(socket)
    const roomToSend = Effect.suspend(() => {
      if (socket.readyState !== WebSocket.OPEN)
        return Effect.fail(new ConnectionError({ reason: "the connection has ended" }))
      return Effect.succeed(socket.bufferedAmount < unsentMost)
    }).pipe(
      Effect.tap((room) => (room ? Effect.void : Effect.sleep("20 millis"))),
      Effect.repeat({ until: (room) => room }),
      Effect.timeoutOrElse({
        duration: unsentDeadline,
        orElse: () => Effect.fail(new ConnectionError({ reason: "the network takes nothing" })),
      }),
    )
    return {
      protocol: socket.protocol,
      receive: Effect.flatMap(Queue.take(frames), textOf),
      send: (text) =>
        Effect.andThen(
          roomToSend,
          Effect.sync(() => socket.send(text)),
        ),
    }
  })
