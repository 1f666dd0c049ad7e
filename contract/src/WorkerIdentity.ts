import { Schema } from "effect"
import { WorkerId, WorkerKeyId } from "./Id.ts"
import { AgentOrigin, WorkerRole } from "./Worker.ts"

/**
 * A worker's identity is an Ed25519 key pair (RFC 8032) made on the worker; the private half never leaves it. Public
 * keys (32 bytes), nonces (32 random bytes) and signatures (64 bytes) travel as base64url without padding. What is
 * signed is one of the texts below in UTF-8: each names its purpose first, so that no signature serves two of them.
 */
const base64url = (bytes: number) =>
  Schema.String.check(
    Schema.isPattern(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`), {
      message: `that is not ${bytes} bytes in base64url`,
    }),
  )
export const PublicKey = base64url(32)
export const Nonce = base64url(32)
export const Signature = base64url(64)

/** What a key's owner signs when it trades a token for an identity: nobody registers another's key. */
export const registrationText = (of: { readonly token: string; readonly publicKey: string }): string =>
  ["skypanel registration", of.token, of.publicKey].join("\n")

/** What a worker signs on each new connection: the platform's nonce makes it of no use on any other. */
export const identificationText = (of: {
  readonly platformNonce: string
  readonly workerNonce: string
  readonly workerId: string
  readonly keyId: string
  readonly protocol: string
}): string =>
  ["skypanel identification", of.platformNonce, of.workerNonce, of.workerId, of.keyId, of.protocol].join("\n")

/** What the platform signs in its answer: the worker knows the platform's key since it registered. */
export const welcomeText = (of: {
  readonly platformNonce: string
  readonly workerNonce: string
  readonly workerId: string
  readonly session: string
}): string => ["skypanel welcome", of.platformNonce, of.workerNonce, of.workerId, of.session].join("\n")

/** What the new key signs when it takes over from the one before, on a connection of that one. */
export const rotationText = (of: {
  readonly session: string
  readonly workerId: string
  readonly publicKey: string
}): string => ["skypanel rotation", of.session, of.workerId, of.publicKey].join("\n")

export const Registration = Schema.Struct({
  token: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{43}$/, { message: "that is no token" })),
  publicKey: PublicKey,
  /** Of `registrationText`, by the key. */
  proof: Signature,
  /** The machine's host name, for a worker that is not named by its installation. */
  hostName: Schema.String.check(Schema.isMaxLength(253)),
  origin: AgentOrigin,
})
export type Registration = typeof Registration.Type

export const Registered = Schema.Struct({
  workerId: WorkerId,
  keyId: WorkerKeyId,
  name: Schema.String,
  roles: Schema.Array(WorkerRole),
  platformKey: PublicKey,
})
export type Registered = typeof Registered.Type
