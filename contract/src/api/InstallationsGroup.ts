import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Forbidden, InvalidInput, NameTaken, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { CreatedInstallation, CreateInstallation, Installation } from "../Installation.ts"
import { Authorization } from "../Session.ts"

/** Permissions to add a worker. For administrators; everybody else is answered 403. */
export class InstallationsGroup extends HttpApiGroup.make("installations")
  .add(
    /** Newest first: those of the last day, at most 100. */
    HttpApiEndpoint.get("list", "/", {
      success: Schema.Array(Installation),
      error: [Forbidden, Unavailable],
    }),
    HttpApiEndpoint.post("create", "/", {
      payload: CreateInstallation,
      success: CreatedInstallation.pipe(HttpApiSchema.status(201)),
      error: [Forbidden, InvalidInput, NameTaken, Unavailable],
    }),
    /** One that replaces the identity of a worker that is there already. */
    HttpApiEndpoint.post("replace", "/for/:worker", {
      params: { worker: Schema.String },
      success: CreatedInstallation.pipe(HttpApiSchema.status(201)),
      error: [Forbidden, NotFound, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.get("get", "/:installation", {
      params: { installation: Schema.String },
      success: Installation,
      error: [Forbidden, NotFound, Unavailable],
    }),
    HttpApiEndpoint.delete("revoke", "/:installation", {
      params: { installation: Schema.String },
      success: Installation,
      error: [Forbidden, NotFound, NotPossibleNow, Unavailable],
    }),
  )
  .prefix("/installations")
  .middleware(Authorization) {}
