import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Unauthorized, Unavailable } from "../Errors.ts"
import { Registered, Registration } from "../WorkerIdentity.ts"

/** For agents: the one request without a session or an identity. The token in it is all that counts. */
export class RegistrationGroup extends HttpApiGroup.make("registration").add(
  /**
   * Trades an installation's token for an identity. Asked again with the same key before the hour is over it gives
   * the same answer, so that an answer that was lost on the way does no harm.
   */
  HttpApiEndpoint.post("register", "/registration", {
    payload: Registration,
    success: Registered.pipe(HttpApiSchema.status(201)),
    error: [Unauthorized, Unavailable],
  }),
) {}
