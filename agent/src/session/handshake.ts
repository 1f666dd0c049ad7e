import { Down, Identify, RefusalCode, type Welcome } from "@skypanel/contract/AgentProtocol"
import { identificationText, welcomeText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Schema } from "effect"
import type { WorkerIdentity } from "../identity/IdentityFile.ts"
import { isSignedBy, makeNonce, signText } from "../identity/KeyPair.ts"
import { type Connection, ConnectionError } from "./Connection.ts"

/** The platform does not let this worker in, and says why. */
export class RefusedByPlatform extends Schema.TaggedError<RefusedByPlatform>()("RefusedByPlatform", {
  code: RefusalCode,
  reason: Schema.String,
}) {}

const deadline = "10 seconds"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Down))
const encodeIdentify = Schema.encodeUnknownSync(Schema.fromJsonString(Identify))

/** A frame as a message of the platform; a refusal is a failure wherever it comes. */
export const messageOf = (text: string) =>
  decode(text).pipe(
    Effect.mapError(
      (error) => new ConnectionError({ reason: `a message does not fit: ${error.message.slice(0, 200)}` }),
    ),
    Effect.flatMap((message) =>
      message._tag === "refused"
        ? Effect.fail(
            new RefusedByPlatform({ code: message.code, reason: `${message.message} ${message.next}` }),
          )
        : Effect.succeed(message),
    ),
  )

const expected = <T extends Down["_tag"]>(connection: Connection, tag: T) =>
  Effect.flatMap(Effect.flatMap(connection.receive, messageOf), (message) =>
    message._tag === tag
      ? Effect.succeed(message as Extract<Down, { _tag: T }>)
      : Effect.fail(new ConnectionError({ reason: `${message._tag} came where ${tag} was due` })),
  )

/**
 * Proves to the platform who we are, and lets it prove that it is the one that we registered with. Both sign a number
 * of the other's that is new for this connection.
 */
export const handshake = (
  connection: Connection,
  identity: WorkerIdentity,
): Effect.Effect<Welcome, ConnectionError | RefusedByPlatform> =>
  Effect.gen(function* () {
    const { workerId, keyId } = identity
    const { nonce: platformNonce } = yield* expected(connection, "challenge")
    const workerNonce = makeNonce()
    const signed = identificationText({
      platformNonce,
      workerNonce,
      workerId,
      keyId,
      protocol: connection.protocol,
    })
    yield* connection.send(
      encodeIdentify({
        _tag: "identify",
        workerId,
        keyId,
        nonce: workerNonce,
        signature: signText(identity, signed),
      }),
    )
    const welcome = yield* expected(connection, "welcome")
    const proof = welcomeText({ platformNonce, workerNonce, workerId, session: welcome.session })
    if (!isSignedBy(identity.platformKey, proof, welcome.signature))
      return yield* new ConnectionError({
        reason: "what answers at the control plane's address is not the platform of this worker",
      })
    return welcome
  }).pipe(
    Effect.timeoutOrElse({
      duration: deadline,
      orElse: () => Effect.fail(new ConnectionError({ reason: `no welcome within ${deadline}` })),
    }),
  )
