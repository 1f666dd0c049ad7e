import { Schema } from "effect"
import { DeploymentFailure } from "./Deployment.ts"
import { PreparedCredentialId, Timestamp } from "./Id.ts"
import { Credential, GiveToken } from "./Repository.ts"
import { Source } from "./Source.ts"

const [, git] = Source.members

/** Of a repository that no service is made from yet. For https a token has to be given; for ssh a deploy key is made. */
export const PrepareCredential = Schema.Struct({
  url: git.fields.url,
  token: Schema.optionalKey(GiveToken.fields.token),
  username: GiveToken.fields.username,
})
export type PrepareCredential = typeof PrepareCredential.Type

const { code, title, detail, next } = DeploymentFailure.fields
const { kind, origin, username, publicKey } = Credential.fields

/** It is kept for a day, unless a service takes it over. */
export const PreparedCredential = Schema.Struct({
  id: PreparedCredentialId,
  url: Schema.String,
  kind,
  origin,
  username,
  publicKey,
  expiresAt: Timestamp,
  /**
   * - `untried`: nobody has asked the host yet
   * - `trying`: a builder asks it
   * - `opens`: the host lets it in
   * - `refused`: it does not, or was not reached
   */
  state: Schema.Literals(["untried", "trying", "opens", "refused"]),
  failure: Schema.NullOr(Schema.Struct({ code, title, detail, next })),
})
export type PreparedCredential = typeof PreparedCredential.Type

/** What a service gets at its repository with from the beginning: one that was prepared, or a token. */
export const ServiceCredential = Schema.Union([Schema.Struct({ prepared: PreparedCredentialId }), GiveToken])
export type ServiceCredential = typeof ServiceCredential.Type

/** So long a question for an answer waits at most. Seconds. */
export const credentialWaitMost = 10
