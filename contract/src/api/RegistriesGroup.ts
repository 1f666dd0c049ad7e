import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { InvalidInput, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { GiveRegistryCredential, RegistryCredential } from "../RegistryCredential.ts"
import { Authorization } from "../Session.ts"
import { organization } from "./shapes.ts"

const success = Schema.Array(RegistryCredential)

/** Credentials for other registries, of which an organization has one for each. All answer with the list, by name. */
export class RegistriesGroup extends HttpApiGroup.make("registries")
  .add(
    HttpApiEndpoint.get("list", "/", { params: organization, success, error: [NotFound, Unavailable] }),
    /** In place of the one before. */
    HttpApiEndpoint.put("give", "/", {
      params: organization,
      payload: GiveRegistryCredential,
      success,
      error: [NotFound, InvalidInput, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.delete("remove", "/:registry", {
      params: { ...organization, registry: Schema.String },
      success,
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/registries")
  .middleware(Authorization) {}
