import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { InvalidInput, NameTaken, NoCapacity, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { Ordinal } from "../Ordinal.ts"
import { Authorization } from "../Session.ts"
import { CreateStack, RevealedSecret, Stack, UpdateStack, VolumesOfDeleted } from "../Stack.ts"
import { accepted, organization } from "./shapes.ts"

const stack = { ...organization, stack: Schema.String }
const inOrganization = "/organizations/:organization/stacks" as const
const one = `${inOrganization}/:stack` as const
const changeErrors = [NotFound, InvalidInput, NotPossibleNow, NoCapacity, Unavailable] as const

export class StacksGroup extends HttpApiGroup.make("stacks")
  .add(
    HttpApiEndpoint.get("list", inOrganization, {
      params: organization,
      success: Schema.Array(Stack),
      error: [NotFound, Unavailable],
    }),
    /** Makes the stack with its secrets and starts its first revision, both or neither. */
    HttpApiEndpoint.post("create", inOrganization, {
      params: organization,
      payload: CreateStack,
      success: Stack.pipe(accepted),
      error: [...changeErrors, NameTaken],
    }),
    HttpApiEndpoint.get("get", one, { params: stack, success: Stack, error: [NotFound, Unavailable] }),
    /** A new revision, in which only what changed, or is not live, is deployed. */
    HttpApiEndpoint.patch("update", one, {
      params: stack,
      payload: UpdateStack,
      success: Stack.pipe(accepted),
      error: changeErrors,
    }),
    /** A new revision, in which every service has the release that it had in an earlier one. */
    HttpApiEndpoint.post("rollBack", `${one}/rollback`, {
      params: stack,
      payload: Schema.Struct({ revision: Ordinal }),
      success: Stack.pipe(accepted),
      error: changeErrors,
    }),
    /** Removes its services, those first that no other needs any more, and then itself with its secrets. */
    HttpApiEndpoint.delete("delete", one, {
      params: stack,
      query: { volumes: VolumesOfDeleted },
      success: Stack.pipe(accepted),
      error: [NotFound, Unavailable],
    }),
    /** Shows a secret to a member of the organization; the stack says when that was, and to whom. */
    HttpApiEndpoint.post("reveal", `${one}/secrets/:secret/reveal`, {
      params: { ...stack, secret: Schema.String },
      success: RevealedSecret,
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /**
     * A new value for a secret: a new revision, in which its service is deployed with it, and then everything that refers to
     * it. Where that fails the value of before is in force again.
     */
    HttpApiEndpoint.post("rotate", `${one}/secrets/:secret/rotate`, {
      params: { ...stack, secret: Schema.String },
      success: Stack.pipe(accepted),
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
  )
  .middleware(Authorization) {}
