import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { PublicSigningKey } from "../Sbom.ts"

/** For everybody, without a session: whoever checks a signature need not be a customer. */
export class SigningKeysGroup extends HttpApiGroup.make("signingKeys").add(
  HttpApiEndpoint.get("list", "/signing-keys", { success: Schema.Array(PublicSigningKey) }),
) {}
