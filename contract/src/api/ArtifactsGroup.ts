import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import {
  ArtifactDamage,
  ArtifactPin,
  ArtifactPlan,
  ArtifactPolicy,
  ArtifactRun,
  ArtifactStatus,
  ReleaseName,
} from "../Artifacts.ts"
import { Forbidden, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { Authorization } from "../Session.ts"
import { accepted } from "./shapes.ts"

/** A store path, as `/nix/store/<hash>-<name>` or `<hash>-<name>`, or a release. */
export const PinRequest = Schema.Struct({
  target: Schema.Union([
    Schema.Struct({ storePath: Schema.String.check(Schema.isMaxLength(300)) }),
    Schema.Struct({ release: ReleaseName }),
  ]),
  reason: Schema.String.check(
    Schema.isMinLength(1, { message: "say why, for those who come after you" }),
    Schema.isMaxLength(200, { message: "at most 200 characters" }),
  ),
})
export type PinRequest = typeof PinRequest.Type

/** `damage` is what was looked at, `removed` how many files of it are gone now, to be uploaded again. */
export const Repair = Schema.Struct({ removed: Schema.Int, damage: Schema.Array(ArtifactDamage) })
export type Repair = typeof Repair.Type

const pins = Schema.Array(ArtifactPin)
const started = {
  success: ArtifactRun.pipe(accepted),
  error: [Forbidden, NotPossibleNow, Unavailable],
} as const

/** The artifact store. For administrators; everybody else is answered 403. */
export class ArtifactsGroup extends HttpApiGroup.make("artifacts")
  .add(
    HttpApiEndpoint.get("get", "/", { success: ArtifactStatus, error: [Forbidden, Unavailable] }),
    HttpApiEndpoint.put("setPolicy", "/policy", {
      payload: ArtifactPolicy,
      success: ArtifactStatus,
      error: [Forbidden, Unavailable],
    }),
    /** What a collection would do now, and why. */
    HttpApiEndpoint.get("plan", "/plan", { success: ArtifactPlan, error: [Forbidden, Unavailable] }),
    HttpApiEndpoint.post("collect", "/collect", started),
    HttpApiEndpoint.post("verify", "/verify", started),
    /** Has what is damaged uploaded again by the next build that needs it. */
    HttpApiEndpoint.post("repair", "/repair", { success: Repair, error: [Forbidden, Unavailable] }),
    HttpApiEndpoint.post("pin", "/pins", {
      payload: PinRequest,
      success: pins,
      error: [Forbidden, NotFound, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.delete("unpin", "/pins/:pin", {
      params: { pin: Schema.String },
      success: pins,
      error: [Forbidden, NotFound, Unavailable],
    }),
  )
  .prefix("/artifacts")
  .middleware(Authorization) {}
