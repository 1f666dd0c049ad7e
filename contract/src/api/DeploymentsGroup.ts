import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Deployment } from "../Deployment.ts"
import { NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { LogLine } from "../Log.ts"
import { Release } from "../Release.ts"
import { Authorization } from "../Session.ts"
import { accepted, numbered, Started, service, startErrors } from "./shapes.ts"

export class DeploymentsGroup extends HttpApiGroup.make("deployments")
  .add(
    /** Newest first, at most 50. */
    HttpApiEndpoint.get("list", "/deployments", {
      params: service,
      success: Schema.Array(Deployment),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.get("get", "/deployments/:number", {
      params: numbered,
      success: Deployment,
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.post("cancel", "/deployments/:number/cancel", {
      params: numbered,
      success: Deployment.pipe(accepted),
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /** The build log from line `after` + 1 on; ends when the build has. */
    HttpApiEndpoint.get("followLog", "/deployments/:number/log", {
      params: numbered,
      query: { after: Schema.optionalKey(Schema.FiniteFromString) },
      success: HttpApiSchema.StreamSse({ data: LogLine }),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.get("releases", "/releases", {
      params: service,
      success: Schema.Array(Release),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.post("rollback", "/releases/:number/rollback", {
      params: numbered,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
  )
  .prefix("/organizations/:organization/services/:service")
  .middleware(Authorization) {}
