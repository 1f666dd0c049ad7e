import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { AuditEvent } from "../AuditEvent.ts"
import { Forbidden, NotPossibleNow, Unavailable } from "../Errors.ts"
import { AgentUpgrade, Fleet, FleetPolicy } from "../Fleet.ts"
import { Authorization } from "../Session.ts"
import { accepted } from "./shapes.ts"

/** Something about the platform changed: read it again. `resync` says that changes may have been missed. */
export const FleetChange = Schema.Struct({
  kind: Schema.Literals(["worker", "measurements", "installation", "fleet", "artifacts", "builds", "resync"]),
  worker: Schema.NullOr(Schema.String),
})
export type FleetChange = typeof FleetChange.Type

/** The workers as a whole. For administrators; everybody else is answered 403. */
export class FleetGroup extends HttpApiGroup.make("fleet")
  .add(
    HttpApiEndpoint.get("get", "/", { success: Fleet, error: [Forbidden, Unavailable] }),
    HttpApiEndpoint.put("setPolicy", "/policy", {
      payload: FleetPolicy,
      success: Fleet,
      error: [Forbidden, Unavailable],
    }),
    /** Brings every agent to this platform's version, one worker at a time; the first that does not come back ends it. */
    HttpApiEndpoint.post("upgrade", "/upgrade", {
      success: AgentUpgrade.pipe(accepted),
      error: [Forbidden, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.post("stopUpgrade", "/upgrade/stop", {
      success: AgentUpgrade.pipe(accepted),
      error: [Forbidden, NotPossibleNow, Unavailable],
    }),
    /** What was done to the fleet and by whom: newest first, at most 100. */
    HttpApiEndpoint.get("audit", "/audit", {
      success: Schema.Array(AuditEvent),
      error: [Forbidden, Unavailable],
    }),
    /** Changes of the fleet as they happen, with a `resync` first and after each lost connection. */
    HttpApiEndpoint.get("follow", "/events", {
      success: HttpApiSchema.StreamSse({ data: FleetChange }),
      error: [Forbidden, Unavailable],
    }),
  )
  .prefix("/fleet")
  .middleware(Authorization) {}
