import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { InvalidInput, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { PreparedCredentialId } from "../Id.ts"
import { PrepareCredential, PreparedCredential } from "../PreparedCredential.ts"
import { Authorization } from "../Session.ts"
import { accepted, organization } from "./shapes.ts"

const named = { ...organization, credential: PreparedCredentialId }
const errors = [NotFound, Unavailable] as const

/** Credentials for repositories that no service is made from yet. Each member sees their own. */
export class PreparedCredentialsGroup extends HttpApiGroup.make("preparedCredentials")
  .add(
    HttpApiEndpoint.post("prepare", "/", {
      params: organization,
      payload: PrepareCredential,
      success: PreparedCredential,
      error: [...errors, InvalidInput],
    }),
    /** Answers when nobody asks the host any more, or after so many seconds. */
    HttpApiEndpoint.get("get", "/:credential", {
      params: named,
      query: { wait: Schema.optionalKey(Schema.FiniteFromString) },
      success: PreparedCredential,
      error: errors,
    }),
    /** Has a builder ask the host whether it lets the credential in. `Unavailable`: no builder is there. */
    HttpApiEndpoint.post("try", "/:credential/try", {
      params: named,
      success: PreparedCredential.pipe(accepted),
      error: [...errors, NotPossibleNow],
    }),
    HttpApiEndpoint.delete("discard", "/:credential", { params: named, error: errors }),
  )
  .prefix("/organizations/:organization/prepared-credentials")
  .middleware(Authorization) {}
