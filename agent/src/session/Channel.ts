import {
  type Down,
  Envelope,
  messageMaxBytes,
  pulse,
  pulsesMissed,
  type Up,
  type Welcome,
} from "@skypanel/contract/AgentProtocol"
import { Effect, Schema, Semaphore } from "effect"
import { type Connection, ConnectionError } from "./Connection.ts"
import { messageOf, type RefusedByPlatform } from "./handshake.ts"

/** A connection after the handshake: messages of the contract, each with its number, and the pulse between them. */
export interface Channel {
  readonly welcome: Welcome
  readonly send: (message: Up) => Effect.Effect<void, ConnectionError>
  readonly receive: Effect.Effect<Down, ConnectionError | RefusedByPlatform>
  /** Sends a pulse every so often; fails when the platform answers none of several. */
  readonly beat: Effect.Effect<never, ConnectionError>
}

const encode = Schema.encodeUnknownEffect(Schema.fromJsonString(Envelope))

/** A platform that is busy for a moment is not gone: a connection costs more than some patience. */
const patience = 2

export const openChannel = (
  connection: Connection,
  welcome: Welcome,
  heardUs: (sentAt: number) => void,
): Effect.Effect<Channel> =>
  Effect.gen(function* () {
    const oneAtATime = yield* Semaphore.make(1)
    let seq = 0
    let heardAt = performance.now()
    /** When the pulses were sent that have no answer yet. */
    const unanswered: Array<number> = []
    const pulseMs = Math.min(Math.max(welcome.pulseMs, 100), 30_000)

    const receive: Channel["receive"] = Effect.gen(function* () {
      while (true) {
        const text = yield* connection.receive
        heardAt = performance.now()
        if (text !== pulse) return yield* messageOf(text)
        const sentAt = unanswered.shift()
        if (sentAt !== undefined) heardUs(sentAt)
      }
    })

    const send = (message: Up) =>
      Effect.gen(function* () {
        const text = yield* encode({ session: welcome.session, seq: seq + 1, message }).pipe(
          Effect.mapError(
            (error) => new ConnectionError({ reason: `own message does not fit: ${error.message}` }),
          ),
        )
        if (Buffer.byteLength(text) > messageMaxBytes)
          return yield* new ConnectionError({ reason: `own ${message._tag} message is too long` })
        yield* connection.send(text)
        seq += 1
      }).pipe(oneAtATime.withPermits(1))

    // A connection that a cut cable left open says nothing of it for a quarter of an hour.
    const beat = Effect.suspend(() =>
      performance.now() - heardAt > patience * pulsesMissed * pulseMs
        ? Effect.fail(new ConnectionError({ reason: "the platform is silent" }))
        : Effect.sync(() => unanswered.push(performance.now())).pipe(
            Effect.andThen(connection.send(pulse)),
            Effect.andThen(Effect.sleep(pulseMs)),
          ),
    ).pipe(Effect.forever)

    return { welcome, send, receive, beat }
  })
