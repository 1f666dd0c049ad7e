import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { InvalidInput, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { ChangeHook, ChangePoll, GiveToken, HookDelivery, MadeHook, Repository } from "../Repository.ts"
import { Authorization } from "../Session.ts"
import { service } from "./shapes.ts"

const errors = [NotFound, NotPossibleNow, Unavailable] as const
const changeErrors = [...errors, InvalidInput] as const

/** The Git repository of a service; one whose source is no repository answers `NotPossibleNow`. */
export class RepositoryGroup extends HttpApiGroup.make("repository")
  .add(
    HttpApiEndpoint.get("get", "/", { params: service, success: Repository, error: errors }),
    /** In place of the credential before. It is for the host that the repository is on now. */
    HttpApiEndpoint.put("giveToken", "/credential", {
      params: service,
      payload: GiveToken,
      success: Repository,
      error: changeErrors,
    }),
    /** A new key in place of the credential before; the answer has its public half. */
    HttpApiEndpoint.post("makeDeployKey", "/deploy-key", {
      params: service,
      success: Repository,
      error: errors,
    }),
    HttpApiEndpoint.delete("removeCredential", "/credential", {
      params: service,
      success: Repository,
      error: errors,
    }),
    /** The next fetch takes whichever key the host shows then, and keeps to that. */
    HttpApiEndpoint.delete("forgetHostKeys", "/host-keys", {
      params: service,
      success: Repository,
      error: errors,
    }),
    /** Makes the webhook, or a new secret for the one there is; its URL stays. */
    HttpApiEndpoint.post("makeHook", "/hook", { params: service, success: MadeHook, error: errors }),
    HttpApiEndpoint.patch("changeHook", "/hook", {
      params: service,
      payload: ChangeHook,
      success: Repository,
      error: changeErrors,
    }),
    HttpApiEndpoint.delete("removeHook", "/hook", { params: service, success: Repository, error: errors }),
    HttpApiEndpoint.put("changePoll", "/poll", {
      params: service,
      payload: ChangePoll,
      success: Repository,
      error: changeErrors,
    }),
    /** Newest first, at most 50. */
    HttpApiEndpoint.get("deliveries", "/hook/deliveries", {
      params: service,
      success: Schema.Array(HookDelivery),
      error: errors,
    }),
  )
  .prefix("/organizations/:organization/services/:service/repository")
  .middleware(Authorization) {}
