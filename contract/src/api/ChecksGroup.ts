import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Check, StartCheck } from "../Check.ts"
import { InvalidInput, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { CheckId } from "../Id.ts"
import { Authorization } from "../Session.ts"
import { accepted, organization } from "./shapes.ts"

/** What a source resolves to, or what is wrong with it, without a deployment. */
export class ChecksGroup extends HttpApiGroup.make("checks")
  .add(
    /** Takes the place of the check that the same member started before. `Unavailable`: no builder is there. */
    HttpApiEndpoint.post("start", "/", {
      params: organization,
      payload: StartCheck,
      success: Check.pipe(accepted),
      error: [NotFound, InvalidInput, NotPossibleNow, Unavailable],
    }),
    /** Of the member's own. Answers when it is done, or after so many seconds. */
    HttpApiEndpoint.get("get", "/:check", {
      params: { ...organization, check: CheckId },
      query: { wait: Schema.optionalKey(Schema.FiniteFromString) },
      success: Check,
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/checks")
  .middleware(Authorization) {}
