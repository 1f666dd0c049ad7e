import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { BuildHistory, BuildState } from "../BuildRecord.ts"
import { Deployment } from "../Deployment.ts"
import { InvalidInput, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { LogLine } from "../Log.ts"
import { OrdinalFromString } from "../Ordinal.ts"
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
      query: { after: Schema.optionalKey(OrdinalFromString) },
      success: HttpApiSchema.StreamSse({ data: LogLine }),
      error: [NotFound, Unavailable],
    }),
    /** The same as plain text, as far as it is written, to be kept. */
    HttpApiEndpoint.get("downloadLog", "/deployments/:number/log.txt", {
      params: numbered,
      success: HttpApiSchema.StreamUint8Array({ contentType: "text/plain; charset=utf-8" }),
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /** Every build of the service, newest first, a page at a time. */
    HttpApiEndpoint.get("builds", "/builds", {
      params: service,
      query: {
        /** Only those of deployments with a smaller number. */
        before: Schema.optionalKey(OrdinalFromString),
        limit: Schema.optionalKey(
          Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 100 })),
        ),
        state: Schema.optionalKey(BuildState),
      },
      success: BuildHistory,
      error: [NotFound, InvalidInput, Unavailable],
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
