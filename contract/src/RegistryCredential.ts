import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

/** Credentials for registries that one organization may have. */
export const registriesMost = 50

const plainText = { message: "only characters that can be seen, without spaces" }

/** What a customer gives once; it is never shown again. */
export const GiveRegistryCredential = Schema.Struct({
  /** Host, and port where it has one, such as `ghcr.io`; Docker Hub is `docker.io`. */
  registry: Schema.String.check(
    Schema.isMinLength(1, { message: "write the registry's host, such as ghcr.io" }),
    Schema.isMaxLength(260),
  ),
  username: Schema.String.check(Schema.isPattern(/^[\x21-\x39\x3b-\x7e]{1,200}$/, plainText)),
  /** A password, or better a token that may only read. */
  password: Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,16000}$/, plainText)),
})
export type GiveRegistryCredential = typeof GiveRegistryCredential.Type

/** What an organization gets at a registry's private images with; what is secret of it is not among this. */
export const RegistryCredential = Schema.Struct({
  registry: Schema.String,
  username: Schema.String,
  createdBy: Schema.String,
  createdAt: Timestamp,
  /** When a builder last got it, to within ten minutes; not there: never. */
  lastUsedAt: Schema.optionalKey(Timestamp),
})
export type RegistryCredential = typeof RegistryCredential.Type
