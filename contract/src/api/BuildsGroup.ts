import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Forbidden, NotFound, Unavailable } from "../Errors.ts"
import { QueuedBuild } from "../QueuedBuild.ts"
import { Authorization } from "../Session.ts"
import { organization } from "./shapes.ts"

/** The build queue: what is built first, then what waits in its order; at most 500. */
export class BuildsGroup extends HttpApiGroup.make("builds")
  .add(
    /** Of one organization. */
    HttpApiEndpoint.get("list", "/organizations/:organization/builds", {
      params: organization,
      success: Schema.Array(QueuedBuild),
      error: [NotFound, Unavailable],
    }),
    /** Of all of them. For administrators; everybody else is answered 403. */
    HttpApiEndpoint.get("listAll", "/builds", {
      success: Schema.Array(QueuedBuild),
      error: [Forbidden, Unavailable],
    }),
  )
  .middleware(Authorization) {}
