import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Unavailable } from "../Errors.ts"
import { Authorization } from "../Session.ts"
import { Template } from "../Template.ts"

export class TemplatesGroup extends HttpApiGroup.make("templates")
  .add(HttpApiEndpoint.get("list", "/templates", { success: Schema.Array(Template), error: Unavailable }))
  .middleware(Authorization) {}
