import { Context, Schema } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { InvalidInput, Unauthorized } from "./Errors.ts"
import { OrganizationId, UserId } from "./Id.ts"
import { PriceList } from "./Price.ts"
import { Capacity, PackageSet } from "./Worker.ts"

export const Membership = Schema.Struct({
  id: OrganizationId,
  /** The organization's name in URLs and endpoints. */
  slug: Schema.String,
  name: Schema.String,
  role: Schema.Literals(["owner", "admin", "member"]),
})
export type Membership = typeof Membership.Type

/** Who asks, and what the platform is like: the first thing a client reads. */
export const Session = Schema.Struct({
  user: Schema.Struct({
    id: UserId,
    email: Schema.String,
    name: Schema.String,
    /** Runs the platform, not only an organization. */
    administrator: Schema.Boolean,
  }),
  organizations: Schema.Array(Membership),
  platform: Schema.Struct({
    version: Schema.String,
    development: Schema.Boolean,
    endpointDomain: Schema.String,
    endpointPort: Schema.Int,
    prices: PriceList,
    /** Of the builder that would build next; null when none is connected. */
    packageSet: Schema.NullOr(PackageSet),
    /** The largest service that any connected worker could run; null when none is connected. */
    largestWorker: Schema.NullOr(Capacity),
  }),
})
export type Session = typeof Session.Type

export class CurrentUser extends Context.Service<
  CurrentUser,
  {
    readonly id: UserId
    readonly email: string
    readonly name: string
    readonly administrator: boolean
  }
>()("contract/Session/CurrentUser") {}

/** A session cookie from signing in, or the same session's token as a bearer token. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentUser }>()(
  "contract/Session/Authorization",
  {
    error: Unauthorized,
    security: {
      cookie: HttpApiSecurity.apiKey({ in: "cookie", key: "skypanel.session_token" }),
      bearer: HttpApiSecurity.bearer,
    },
  },
) {}

/** A request that does not fit its schema is answered with `InvalidInput`, naming each bad field. */
export class InputErrors extends HttpApiMiddleware.Service<InputErrors>()("contract/Session/InputErrors", {
  error: InvalidInput,
}) {}
