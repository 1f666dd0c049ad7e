import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { Deployment } from "../Deployment.ts"
import { InvalidInput, NoCapacity, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { OrdinalFromString } from "../Ordinal.ts"
import { Service } from "../Service.ts"

export const accepted = HttpApiSchema.status(202)

/** An organization is named by its slug; it answers 404 to everybody who is no member. */
export const organization = { organization: Schema.String }
export const service = { ...organization, service: Schema.String }
export const numbered = { ...service, number: OrdinalFromString }

/** A service together with the deployment that a request started. */
export const Started = Schema.Struct({ service: Service, deployment: Deployment })
export type Started = typeof Started.Type

/** Something changed: read it again by its name. `resync` says that changes may have been missed. */
export const Change = Schema.Struct({
  kind: Schema.Literals(["service", "deployment", "stack", "resync"]),
  service: Schema.NullOr(Schema.String),
  deployment: Schema.NullOr(Schema.Int),
})
export type Change = typeof Change.Type

export const startErrors = [NotFound, InvalidInput, NotPossibleNow, NoCapacity, Unavailable] as const
