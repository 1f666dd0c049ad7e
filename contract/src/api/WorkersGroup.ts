import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { AuditEvent } from "../AuditEvent.ts"
import { Forbidden, NameTaken, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { Authorization } from "../Session.ts"
import { Labels, Region, Worker, WorkerInstance, WorkerName, WorkerSample } from "../Worker.ts"
import { WorkerImages } from "../WorkerImages.ts"
import { accepted } from "./shapes.ts"

const worker = { worker: Schema.String }
const errors = [Forbidden, NotFound, Unavailable] as const

export const UpdateWorker = Schema.Struct({
  name: Schema.optionalKey(WorkerName),
  labels: Schema.optionalKey(Labels),
  region: Schema.optionalKey(Schema.NullOr(Region)),
})
export type UpdateWorker = typeof UpdateWorker.Type

/** The machines, each named by its name. For administrators; everybody else is answered 403. */
export class WorkersGroup extends HttpApiGroup.make("workers")
  .add(
    /** By name, at most 1,000; `search` is a part of a name, region, label or state. */
    HttpApiEndpoint.get("list", "/", {
      query: { search: Schema.optionalKey(Schema.String) },
      success: Schema.Array(Worker),
      error: [Forbidden, Unavailable],
    }),
    HttpApiEndpoint.get("get", "/:worker", { params: worker, success: Worker, error: errors }),
    HttpApiEndpoint.get("instances", "/:worker/instances", {
      params: worker,
      success: Schema.Array(WorkerInstance),
      error: errors,
    }),
    /** Null: it has not said, or runs no services. */
    HttpApiEndpoint.get("images", "/:worker/images", {
      params: worker,
      success: Schema.NullOr(WorkerImages),
      error: errors,
    }),
    /** Of the last `hours` (1 to 168), oldest first: one a minute for three hours, one in ten minutes before. */
    HttpApiEndpoint.get("history", "/:worker/history", {
      params: worker,
      query: { hours: Schema.optionalKey(Schema.FiniteFromString) },
      success: Schema.Array(WorkerSample),
      error: errors,
    }),
    /** Newest first, at most 100, also of a worker that was removed. */
    HttpApiEndpoint.get("events", "/:worker/events", {
      params: worker,
      success: Schema.Array(AuditEvent),
      error: errors,
    }),
    HttpApiEndpoint.patch("update", "/:worker", {
      params: worker,
      payload: UpdateWorker,
      success: Worker,
      error: [...errors, NameTaken],
    }),
    /** Moves every service away, each when its new instance is healthy. `minutes`: until it counts as stuck. */
    HttpApiEndpoint.post("drain", "/:worker/drain", {
      params: worker,
      payload: Schema.Struct({ minutes: Schema.optionalKey(Schema.Int) }),
      success: Worker.pipe(accepted),
      error: [...errors, NotPossibleNow],
    }),
    /** Ends a drain where it is, or brings a drained worker back. */
    HttpApiEndpoint.post("undrain", "/:worker/undrain", {
      params: worker,
      success: Worker.pipe(accepted),
      error: [...errors, NotPossibleNow],
    }),
    /** Starts elsewhere what runs on a worker that is lost; with `force` also while the brake holds. */
    HttpApiEndpoint.post("moveServices", "/:worker/move-services", {
      params: worker,
      payload: Schema.Struct({ force: Schema.optionalKey(Schema.Boolean) }),
      success: Worker.pipe(accepted),
      error: [...errors, NotPossibleNow],
    }),
    /** Ends its quarantine. */
    HttpApiEndpoint.post("readmit", "/:worker/readmit", {
      params: worker,
      success: Worker,
      error: [...errors, NotPossibleNow],
    }),
    /**
     * Drains it, lets it leave the cluster and revokes its identity; its history stays. With `force` at once: for a
     * machine that is gone for good. Volumes that are only there are lost then.
     */
    HttpApiEndpoint.delete("remove", "/:worker", {
      params: worker,
      query: { force: Schema.optionalKey(Schema.Literals(["true", "false"])) },
      success: Worker.pipe(accepted),
      error: [...errors, NotPossibleNow],
    }),
  )
  .prefix("/workers")
  .middleware(Authorization) {}
