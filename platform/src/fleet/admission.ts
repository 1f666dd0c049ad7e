import { randomBytes } from "node:crypto"
import {
  Down,
  Identify,
  identifyMaxBytes,
  protocolVersions,
  type RefusalCode,
} from "@skypanel/contract/AgentProtocol"
import { identificationText, welcomeText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Queue, Schema } from "effect"
import { isSignedBy } from "../domain/workers/ed25519.ts"
import type { WorkerRow } from "../store/rows.ts"
import { findWorkerKey, useWorkerKey, type WorkerKey } from "../store/WorkerKeys.ts"
import { type AgentConnection, closeCodes } from "./AgentConnection.ts"
import { PlatformKey } from "./PlatformKey.ts"

/** Why an agent is not let in, or not kept. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  code: Schema.String,
  message: Schema.String,
  next: Schema.String,
}) {}

/** An agent that was let in: who it is, and the name of its connection. */
export interface Admitted {
  readonly worker: WorkerRow
  readonly session: string
}

/** How often an agent reports when nothing changes, and how much the reports of different ones differ. */
const heartbeatMs = 30_000
const heartbeatSpread = 0.1
export const pulseMs = 2_000

const deadline = "5 seconds"

const words: Record<RefusalCode, readonly [message: string, next: string]> = {
  unknown: ["No worker with this identity is known here.", "Add the machine again."],
  revoked: [
    "This worker was removed, or its identity replaced.",
    "Add the machine again if it shall come back.",
  ],
  expired: [
    "This worker's key was not used for a month.",
    "Replace its identity on its page, and run the command there.",
  ],
  protocol: [
    `This platform speaks ${protocolVersions.join(" and ")}.`,
    "Upgrade whichever of the two is older.",
  ],
  malformed: [
    "A message was not as it should be.",
    "Agent and platform have to be of versions that fit together.",
  ],
  replayed: ["A message came out of its order.", "If nobody tampers with the connection, report this."],
  "too-many": ["Too many connections wait to be let in.", "It is tried again by itself."],
}

export const refusal = (code: RefusalCode): Refused => {
  const [message, next] = words[code]
  return new Refused({ code, message, next })
}

const encode = Schema.encodeUnknownSync(Schema.fromJsonString(Down))
const decodeIdentify = Schema.decodeUnknownEffect(Schema.fromJsonString(Identify))

export const sendDown = (connection: AgentConnection, message: Down): void => connection.send(encode(message))

/** Tells an agent why, and ends the connection. */
export const refuse = (connection: AgentConnection, { code, message, next }: Refused): void => {
  sendDown(connection, { _tag: "refused", code: code as RefusalCode, message, next })
  connection.close(closeCodes.refused, message)
}

const firstMessage = (connection: AgentConnection) =>
  Queue.take(connection.messages).pipe(
    Effect.timeout(deadline),
    Effect.filterOrFail(
      (text) => text.length <= identifyMaxBytes,
      () => refusal("malformed"),
    ),
    Effect.flatMap(decodeIdentify),
    Effect.mapError(() => refusal("malformed")),
  )

const check = (key: WorkerKey, worker: WorkerRow) => {
  if (worker.removed_at !== null || key.revoked_at !== null) return Effect.fail(refusal("revoked"))
  return key.expired ? Effect.fail(refusal("expired")) : Effect.void
}

const jittered = () => Math.round(heartbeatMs * (1 + heartbeatSpread * (2 * Math.random() - 1)))

/**
 * The handshake: the agent signs a number of ours that is new for this connection, we sign one of its. A key that is
 * unknown and a signature that is wrong get the same answer.
 */
export const admit = (connection: AgentConnection) =>
  Effect.gen(function* () {
    const platformKey = yield* PlatformKey
    if (!protocolVersions.includes(connection.protocol)) return yield* refusal("protocol")
    const platformNonce = randomBytes(32).toString("base64url")
    sendDown(connection, { _tag: "challenge", nonce: platformNonce, protocols: [...protocolVersions] })
    const { workerId, keyId, nonce: workerNonce, signature } = yield* firstMessage(connection)
    const found = yield* findWorkerKey(workerId, keyId)
    if (found === null) return yield* refusal("unknown")
    const { key, worker } = found
    const { protocol } = connection
    const signed = identificationText({ platformNonce, workerNonce, workerId, keyId, protocol })
    if (!isSignedBy(key.public_key, signed, signature)) return yield* refusal("unknown")
    yield* check(key, worker)
    yield* useWorkerKey(workerId, keyId)
    const session = randomBytes(16).toString("base64url")
    sendDown(connection, {
      _tag: "welcome",
      workerId,
      name: worker.name,
      session,
      signature: platformKey.sign(welcomeText({ platformNonce, workerNonce, workerId, session })),
      heartbeatMs: jittered(),
      pulseMs,
      keyAgeSeconds: Math.max(0, Math.floor((Date.now() - key.created_at.getTime()) / 1000)),
    })
    return { worker, session } satisfies Admitted
  })
