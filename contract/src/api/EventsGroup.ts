import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { NotFound, Unavailable } from "../Errors.ts"
import { Authorization } from "../Session.ts"
import { Change, organization } from "./shapes.ts"

export class EventsGroup extends HttpApiGroup.make("events")
  .add(
    /** Changes in the organization as they happen, with a `resync` first and after each lost connection. */
    HttpApiEndpoint.get("follow", "/organizations/:organization/events", {
      params: organization,
      success: HttpApiSchema.StreamSse({ data: Change }),
      error: [NotFound, Unavailable],
    }),
  )
  .middleware(Authorization) {}
