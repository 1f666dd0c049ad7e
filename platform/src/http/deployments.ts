import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import type { BuildId, DeploymentId, OrganizationId } from "@skypanel/contract/Id"
import type { LogLine } from "@skypanel/contract/Log"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect, Option, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { SqlClient } from "effect/sql"
import { cancelDeployment } from "../deploy/requests/end.ts"
import { rollBack } from "../deploy/requests/existingRelease.ts"
import { readBuildLog } from "../store/Builds.ts"
import { Changes } from "../store/Changes.ts"
import { orUnavailable } from "../store/Database.ts"
import { findDeployment, listDeployments, listReleases } from "../store/DeploymentViews.ts"
import { asTenant } from "../store/Tenant.ts"
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

/** The next lines of a deployment's build; null when there will be none. */
const nextLines = (organization: OrganizationId, deployment: DeploymentId, after: number) =>
  asTenant(
    organization,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ finished: boolean; status: string; build: BuildId | null; built: boolean }>`
        select d.finished_at is not null as finished, d.status, b.id as build, b.finished_at is not null as built
        from deployment d left join build b on b.deployment_id = d.id where d.id = ${deployment}`
      if (row === undefined) return { lines: [], end: true }
      const lines = row.build === null ? [] : yield* readBuildLog(row.build, after)
      return { lines, end: lines.length === 0 && (row.built || row.finished) }
    }),
  )

const buildLog = (organization: OrganizationId, deployment: DeploymentId, from: number) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const context = yield* Effect.context<SqlClient.SqlClient>()
    return Stream.paginate(from, (after) =>
      changes
        .until(
          Effect.map(nextLines(organization, deployment, after), (next) =>
            next.lines.length > 0 || next.end ? next : null,
          ),
          (change) => change.deployment === deployment,
        )
        .pipe(
          Effect.orDie,
          Effect.map(({ lines, end }): readonly [ReadonlyArray<LogLine>, Option.Option<number>] => [
            lines,
            end ? Option.none() : Option.some(lines.at(-1)!.seq),
          ]),
        ),
    ).pipe(Stream.provideContext(context))
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
