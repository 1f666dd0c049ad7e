import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { InvalidInput, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { ChangeImagePolicy, ImageCheck } from "../ImageCheck.ts"
import { Authorization } from "../Session.ts"
import { accepted, service } from "./shapes.ts"

const errors = [NotFound, NotPossibleNow, Unavailable] as const

/** The image that a service is made of; one whose source is none answers `NotPossibleNow`. */
export class ImageGroup extends HttpApiGroup.make("image")
  .add(
    /** At once, or when no check is under way any more, or after so many seconds. */
    HttpApiEndpoint.get("get", "/", {
      params: service,
      query: { wait: Schema.optionalKey(Schema.FiniteFromString) },
      success: ImageCheck,
      error: errors,
    }),
    /** Has a builder ask the registry; one check of a service is under way at a time. */
    HttpApiEndpoint.post("check", "/check", {
      params: service,
      success: ImageCheck.pipe(accepted),
      error: errors,
    }),
    HttpApiEndpoint.put("changePolicy", "/policy", {
      params: service,
      payload: ChangeImagePolicy,
      success: ImageCheck,
      error: [...errors, InvalidInput],
    }),
  )
  .prefix("/organizations/:organization/services/:service/image")
  .middleware(Authorization) {}
