import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Deployment } from "./Deployment.ts"
import {
  Forbidden,
  InvalidInput,
  NameTaken,
  NoCapacity,
  NotFound,
  NotPossibleNow,
  Unavailable,
} from "./Errors.ts"
import { LogLine } from "./Log.ts"
import { Release } from "./Release.ts"
import { CreateService, Service, UpdateService } from "./Service.ts"
import { Authorization, InputErrors, Session } from "./Session.ts"
import { Template } from "./Template.ts"
import { Worker } from "./Worker.ts"

const accepted = HttpApiSchema.status(202)

/** An organization is named by its slug; it answers 404 to everybody who is no member. */
const organization = { organization: Schema.String }
const service = { ...organization, service: Schema.String }
const numbered = { ...service, number: Schema.FiniteFromString.check(Schema.isInt()) }

/** A service together with the deployment that a request started. */
export const Started = Schema.Struct({ service: Service, deployment: Deployment })
export type Started = typeof Started.Type

/** Something changed: read it again by its name. `resync` says that changes may have been missed. */
export const Change = Schema.Struct({
  kind: Schema.Literals(["service", "deployment", "worker", "resync"]),
  service: Schema.NullOr(Schema.String),
  deployment: Schema.NullOr(Schema.Int),
})
export type Change = typeof Change.Type

const startErrors = [NotFound, InvalidInput, NotPossibleNow, NoCapacity, Unavailable] as const

export class SessionGroup extends HttpApiGroup.make("session")
  .add(HttpApiEndpoint.get("get", "/session", { success: Session, error: Unavailable }))
  .middleware(Authorization) {}

export class TemplatesGroup extends HttpApiGroup.make("templates")
  .add(HttpApiEndpoint.get("list", "/templates", { success: Schema.Array(Template), error: Unavailable }))
  .middleware(Authorization) {}

export class WorkersGroup extends HttpApiGroup.make("workers")
  .add(
    HttpApiEndpoint.get("list", "/workers", {
      success: Schema.Array(Worker),
      error: [Forbidden, Unavailable],
    }),
  )
  .middleware(Authorization) {}

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
    /** Stops it and removes it with its releases and logs. The name is free again when it is gone. */
    HttpApiEndpoint.delete("delete", "/:service", {
      params: service,
      success: Service.pipe(accepted),
      error: [NotFound, Unavailable],
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

export class DeploymentsGroup extends HttpApiGroup.make("deployments")
  .add(
    /** Newest first, at most 50. */
    HttpApiEndpoint.get("list", "/deployments", {
      params: service,
      success: Schema.Array(Deployment),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.get("get", "/deployments/:number", {
      params: numbered,
      success: Deployment,
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.post("cancel", "/deployments/:number/cancel", {
      params: numbered,
      success: Deployment.pipe(accepted),
      error: [NotFound, NotPossibleNow, Unavailable],
    }),
    /** The build log from line `after` + 1 on; ends when the build has. */
    HttpApiEndpoint.get("followLog", "/deployments/:number/log", {
      params: numbered,
      query: { after: Schema.optionalKey(Schema.FiniteFromString) },
      success: HttpApiSchema.StreamSse({ data: LogLine }),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.get("releases", "/releases", {
      params: service,
      success: Schema.Array(Release),
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.post("rollback", "/releases/:number/rollback", {
      params: numbered,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
  )
  .prefix("/organizations/:organization/services/:service")
  .middleware(Authorization) {}

export class EventsGroup extends HttpApiGroup.make("events")
  .add(
    /** Changes in the organization as they happen, with a `resync` first and after each lost connection. */
    HttpApiEndpoint.get("follow", "/organizations/:organization/events", {
      params: organization,
      success: HttpApiSchema.StreamSse({ data: Change }),
      error: [NotFound, Unavailable],
    }),
  )
  .middleware(Authorization) {}

/** The whole HTTP contract: server, typed client and OpenAPI document come from it. */
export class Api extends HttpApi.make("skypanel")
  .add(SessionGroup, TemplatesGroup, WorkersGroup, ServicesGroup, DeploymentsGroup, EventsGroup)
  .prefix("/api/v1")
  .middleware(InputErrors)
  .annotateMerge(OpenApi.annotations({ title: "SkyPanel", version: "1" })) {}
