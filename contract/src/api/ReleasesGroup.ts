import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { OrdinalFromString } from "../Ordinal.ts"
import { ReleaseComparison, ReleasePackages } from "../ReleaseComparison.ts"
import { Envelope, Sbom } from "../Sbom.ts"
import { Authorization } from "../Session.ts"
import { numbered } from "./shapes.ts"

/** What a release is made of. */
export class ReleasesGroup extends HttpApiGroup.make("releases")
  .add(
    HttpApiEndpoint.get("packages", "/:number/packages", {
      params: numbered,
      success: ReleasePackages,
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /** From it to the release `with`, by default to the one that serves. */
    HttpApiEndpoint.get("compare", "/:number/compare", {
      params: numbered,
      query: { with: Schema.optionalKey(OrdinalFromString) },
      success: ReleaseComparison,
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /** The same bytes each time, as is the statement. */
    HttpApiEndpoint.get("sbom", "/:number/sbom", {
      params: numbered,
      success: Sbom,
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.get("provenance", "/:number/provenance", {
      params: numbered,
      success: Envelope,
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/services/:service/releases")
  .middleware(Authorization) {}
