import { Api } from "@skypanel/contract/Api"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { planRetention } from "../artifacts/collection/retention.ts"
import { createService } from "../deploy/requests/create.ts"
import { deleteService, stopService } from "../deploy/requests/end.ts"
import { restartService, startService } from "../deploy/requests/existingRelease.ts"
import { forgetSecret } from "../deploy/requests/forgetSecret.ts"
import { setRetention } from "../deploy/requests/retention.ts"
import { redeployService, updateService } from "../deploy/requests/update.ts"
import { setWatch } from "../deploy/requests/watch.ts"
import { asUploaded } from "../domain/claimedSource.ts"
import { Dispatcher } from "../fleet/Dispatcher.ts"
import { RuntimeLogs } from "../fleet/RuntimeLogs.ts"
import { orUnavailable } from "../store/Database.ts"
import { listServices } from "../store/ServiceViews.ts"
import { memberOf, serviceOf } from "./organization.ts"
import { started } from "./started.ts"

const logLines = (given: number | undefined) => Math.min(Math.max(Math.trunc(given ?? 200), 1), 10_000)

export const layerServices = HttpApiBuilder.group(
  Api,
  "services",
  Effect.fn(function* (handlers) {
    const runtimeLogs = yield* RuntimeLogs
    const dispatcher = yield* Dispatcher

    return handlers.handleAll({
      list: ({ params }) =>
        Effect.flatMap(memberOf(params.organization), ({ id }) => listServices(id)).pipe(orUnavailable),
      create: ({ params, payload }) =>
        started(params.organization, (organization, user) =>
          Effect.map(createService(organization, user, asUploaded(payload)), (deployment) => ({
            name: payload.name,
            number: deployment.number,
          })),
        ),
      get: ({ params }) =>
        Effect.map(serviceOf(params.organization, params.service), ({ service }) => service).pipe(
          orUnavailable,
        ),
      update: ({ params, payload }) =>
        started(params.organization, (organization, user) =>
          Effect.map(
            updateService(organization, user, params.service, asUploaded(payload)),
            ({ number }) => ({
              name: params.service,
              number,
            }),
          ),
        ),
      delete: ({ params }) =>
        Effect.gen(function* () {
          const { organization } = yield* serviceOf(params.organization, params.service)
          yield* deleteService(organization, params.service)
          return (yield* serviceOf(params.organization, params.service)).service
        }).pipe(orUnavailable),
      stop: ({ params }) =>
        Effect.gen(function* () {
          const { organization } = yield* serviceOf(params.organization, params.service)
          yield* stopService(organization, params.service)
          return (yield* serviceOf(params.organization, params.service)).service
        }).pipe(orUnavailable),
      start: ({ params }) =>
        started(params.organization, (organization, user) =>
          Effect.map(startService(organization, user, params.service), ({ number }) => ({
            name: params.service,
            number,
          })),
        ),
      restart: ({ params }) =>
        started(params.organization, (organization, user) =>
          Effect.map(restartService(organization, user, params.service), ({ number }) => ({
            name: params.service,
            number,
          })),
        ),
      redeploy: ({ params }) =>
        started(params.organization, (organization, user) =>
          Effect.map(redeployService(organization, user, params.service), ({ number }) => ({
            name: params.service,
            number,
          })),
        ),
      forgetSecret: ({ params }) =>
        Effect.gen(function* () {
          const { organization } = yield* serviceOf(params.organization, params.service)
          const { email } = yield* CurrentUser
          yield* forgetSecret(organization, email, params.service, params.secret)
          return (yield* serviceOf(params.organization, params.service)).service
        }).pipe(orUnavailable),
      watch: ({ params, payload }) =>
        Effect.gen(function* () {
          const { organization } = yield* serviceOf(params.organization, params.service)
          yield* setWatch(organization, params.service, payload.seconds)
          return (yield* serviceOf(params.organization, params.service)).service
        }).pipe(orUnavailable),
      planRetention: ({ params, query }) =>
        Effect.gen(function* () {
          const { organization, service } = yield* serviceOf(params.organization, params.service)
          return yield* planRetention(organization.id, service.id, query.releases ?? null)
        }).pipe(orUnavailable),
      retain: ({ params, payload }) =>
        Effect.gen(function* () {
          const { organization } = yield* serviceOf(params.organization, params.service)
          yield* setRetention(organization, params.service, payload.releases)
          return (yield* serviceOf(params.organization, params.service)).service
        }).pipe(orUnavailable),
      logs: ({ params, query }) =>
        Effect.gen(function* () {
          const { service } = yield* serviceOf(params.organization, params.service)
          const workers = dispatcher.toldToRun(service.id)
          return yield* runtimeLogs.read(service.id, logLines(query.lines), workers)
        }).pipe(orUnavailable),
      followLogs: ({ params, query }) =>
        Effect.map(serviceOf(params.organization, params.service), ({ service }) =>
          runtimeLogs.follow(service.id, logLines(query.lines)),
        ).pipe(orUnavailable),
    })
  }),
)
