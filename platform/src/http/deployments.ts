import { Api } from "@skypanel/contract/Api"
import { buildsPerPage } from "@skypanel/contract/BuildRecord"
import { NotFound } from "@skypanel/contract/Errors"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { cancelDeployment } from "../deploy/requests/end.ts"
import { rollBack } from "../deploy/requests/existingRelease.ts"
import { buildHistory } from "../store/BuildHistory.ts"
import { orUnavailable } from "../store/Database.ts"
import { findDeployment, listDeployments, listReleases } from "../store/DeploymentViews.ts"
import { buildLog, wholeLog } from "./buildLog.ts"
import { serviceOf } from "./organization.ts"
import { started } from "./started.ts"

const deploymentOf = (slug: string, name: string, number: number) =>
  Effect.gen(function* () {
    const { organization, service } = yield* serviceOf(slug, name)
    const deployment = yield* findDeployment(organization.id, service.id, number)
    if (deployment === null)
      return yield* new NotFound({
        message: `"${name}" has no deployment ${number}.`,
        next: "The list of deployments shows which there are.",
      })
    return { organization, deployment }
  })

export const layerDeployments = HttpApiBuilder.group(
  Api,
  "deployments",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      list: ({ params }) =>
        Effect.gen(function* () {
          const { organization, service } = yield* serviceOf(params.organization, params.service)
          return yield* listDeployments(organization.id, service.id)
        }).pipe(orUnavailable),
      get: ({ params }) =>
        Effect.map(
          deploymentOf(params.organization, params.service, params.number),
          ({ deployment }) => deployment,
        ).pipe(orUnavailable),
      cancel: ({ params }) =>
        Effect.gen(function* () {
          const { organization } = yield* deploymentOf(params.organization, params.service, params.number)
          const user = yield* CurrentUser
          yield* cancelDeployment(organization, user.email, params.service, params.number)
          return (yield* deploymentOf(params.organization, params.service, params.number)).deployment
        }).pipe(orUnavailable),
      followLog: ({ params, query }) =>
        Effect.gen(function* () {
          const { organization, deployment } = yield* deploymentOf(
            params.organization,
            params.service,
            params.number,
          )
          return yield* buildLog(organization.id, deployment.id, query.after ?? 0)
        }).pipe(orUnavailable),
      downloadLog: ({ params }) =>
        Effect.gen(function* () {
          const { number } = params
          const { organization, deployment } = yield* deploymentOf(
            params.organization,
            params.service,
            number,
          )
          return yield* wholeLog(organization.id, deployment.id, number)
        }).pipe(orUnavailable),
      builds: ({ params, query }) =>
        Effect.gen(function* () {
          const { organization, service } = yield* serviceOf(params.organization, params.service)
          const { before = null, limit = buildsPerPage, state = null } = query
          return yield* buildHistory(organization.id, service.id, { before, limit, state })
        }).pipe(orUnavailable),
      releases: ({ params }) =>
        Effect.gen(function* () {
          const { organization, service } = yield* serviceOf(params.organization, params.service)
          return yield* listReleases(organization.id, service.id)
        }).pipe(orUnavailable),
      rollback: ({ params }) =>
        started(params.organization, (organization, user) =>
          Effect.map(rollBack(organization, user, params.service, params.number), ({ number }) => ({
            name: params.service,
            number,
          })),
        ),
    })
  }),
)
