import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { CacheKey } from "../CacheKey.ts"
import { Forbidden, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { Authorization } from "../Session.ts"

const keys = Schema.Array(CacheKey)

/** The keys of the binary cache, newest first. For administrators; everybody else is answered 403. */
export class CacheKeysGroup extends HttpApiGroup.make("cacheKeys")
  .add(
    HttpApiEndpoint.get("list", "/", { success: keys, error: [Forbidden, Unavailable] }),
    /** Makes a new key, which signs from now on; those before it go on beside it until they are retired. */
    HttpApiEndpoint.post("rotate", "/rotate", { success: keys, error: [Forbidden, Unavailable] }),
    /** Ends a key: readers that trust it alone take nothing from the cache any more. */
    HttpApiEndpoint.post("retire", "/:name/retire", {
      params: { name: Schema.String },
      success: keys,
      error: [Forbidden, NotFound, NotPossibleNow, Unavailable],
    }),
  )
  .prefix("/cache/keys")
  .middleware(Authorization) {}
