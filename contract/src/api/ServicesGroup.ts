import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { InvalidInput, NameTaken, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { LogLine } from "../Log.ts"
import { OrdinalFromString } from "../Ordinal.ts"
import { KeptReleases, RetentionPlan } from "../Retention.ts"
import { CreateService, Service, UpdateService, WatchSeconds } from "../Service.ts"
import { Authorization } from "../Session.ts"
import { accepted, organization, Started, service, startErrors } from "./shapes.ts"

export class ServicesGroup extends HttpApiGroup.make("services")
  .add(
    HttpApiEndpoint.get("list", "/", {
      params: organization,
      success: Schema.Array(Service),
      error: [NotFound, Unavailable],
    }),
    /** Creates the service and starts its first deployment, both or neither. */
    HttpApiEndpoint.post("create", "/", {
      params: organization,
      payload: CreateService,
      success: Started.pipe(accepted),
      error: [...startErrors, NameTaken],
    }),
    HttpApiEndpoint.get("get", "/:service", {
      params: service,
      success: Service,
      error: [NotFound, Unavailable],
    }),
    /** Changes what is given and deploys it. */
    HttpApiEndpoint.patch("update", "/:service", {
      params: service,
      payload: UpdateService,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
    /** Stops it and removes it with its releases and logs. The name is free again when it is gone. Not one of a stack. */
    HttpApiEndpoint.delete("delete", "/:service", {
      params: service,
      success: Service.pipe(accepted),
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.post("stop", "/:service/stop", {
      params: service,
      success: Service.pipe(accepted),
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    HttpApiEndpoint.post("start", "/:service/start", {
      params: service,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
    HttpApiEndpoint.post("restart", "/:service/restart", {
      params: service,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
    /** Builds its source again, at the newest revision, and deploys what comes out. */
    HttpApiEndpoint.post("redeploy", "/:service/redeploy", {
      params: service,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
    /** For how long its new releases are looked after. Deploys nothing. */
    HttpApiEndpoint.put("watch", "/:service/watch", {
      params: service,
      payload: Schema.Struct({ seconds: WatchSeconds }),
      success: Service,
      error: [NotFound, InvalidInput, NotPossibleNow, Unavailable],
    }),
    /** What would go if it kept so many releases; without a number: if it kept as many as there is room for. */
    HttpApiEndpoint.get("planRetention", "/:service/retention", {
      params: service,
      query: { releases: Schema.optionalKey(OrdinalFromString) },
      success: RetentionPlan,
      error: [NotFound, Unavailable],
    }),
    /** How many of its releases are kept. What is too many goes at the next collection. */
    HttpApiEndpoint.put("retain", "/:service/retention", {
      params: service,
      payload: Schema.Struct({ releases: KeptReleases }),
      success: Service,
      error: [NotFound, InvalidInput, NotPossibleNow, Unavailable],
    }),
    /** Removes every other value that a secret variable had: releases that have one are deployed with the one of now. */
    HttpApiEndpoint.post("forgetSecret", "/:service/secrets/:secret/forget", {
      params: { ...service, secret: Schema.String },
      success: Service,
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /** The newest lines of all its instances, oldest first. */
    HttpApiEndpoint.get("logs", "/:service/logs", {
      params: service,
      query: { lines: Schema.optionalKey(Schema.FiniteFromString) },
      success: Schema.Array(LogLine),
      error: [NotFound, Unavailable],
    }),
    /** The newest lines, then new ones as they come. */
    HttpApiEndpoint.get("followLogs", "/:service/logs/follow", {
      params: service,
      query: { lines: Schema.optionalKey(Schema.FiniteFromString) },
      success: HttpApiSchema.StreamSse({ data: LogLine }),
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/services")
  .middleware(Authorization) {}
