import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { NotFound, Unavailable } from "../Errors.ts"
import { ExpressionText, ExpressionVersion } from "../Expression.ts"
import { Authorization } from "../Session.ts"
import { numbered, service } from "./shapes.ts"

/** The Nix expressions that a service was made from. Restoring one is an update of the service's source. */
export class ExpressionsGroup extends HttpApiGroup.make("expressions")
  .add(
    /** Newest first, at most 200. */
    HttpApiEndpoint.get("list", "/", {
      params: service,
      success: Schema.Array(ExpressionVersion),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.get("get", "/:number", {
      params: numbered,
      success: ExpressionText,
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/services/:service/expressions")
  .middleware(Authorization) {}
