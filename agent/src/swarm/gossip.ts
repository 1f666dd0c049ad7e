import { connect } from "node:net"
import { Effect, Schedule, Schema } from "effect"

export class GossipError extends Schema.TaggedError<GossipError>()("GossipError", {
  reason: Schema.String,
}) {}

/** Where the engines of a swarm tell each other of their networks. */
const port = 7946
const answerMs = 1_000

const isListening = (address: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect({ host: address, port, timeout: answerMs })
    const end = (is: boolean) => {
      socket.destroy()
      resume(Effect.succeed(is))
    }
    socket.once("connect", () => end(true))
    for (const event of ["error", "timeout"]) socket.once(event, () => end(false))
    return Effect.sync(() => socket.destroy())
  })

const wait = (address: string, listening: boolean, reason: string) =>
  isListening(address).pipe(
    Effect.filterOrFail(
      (now) => now === listening,
      () => new GossipError({ reason }),
    ),
    Effect.retry(Schedule.max([Schedule.spaced("250 millis"), Schedule.recurs(60)])),
    Effect.asVoid,
  )

/**
 * The engine leaves a swarm before it has let go of its port. One that joins another meanwhile is a member of it
 * without networks, and says nothing of it.
 */
export const untilGossipEnds = (address: string) =>
  wait(address, false, `something listens on port ${port}, which the Docker Engine needs`)

export const untilGossipBegins = (address: string) =>
  wait(address, true, `the Docker Engine does not listen on port ${port}: its networks lead nowhere`)
