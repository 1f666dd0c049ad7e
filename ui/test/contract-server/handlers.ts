import { Api } from "@skypanel/contract/Api"
import type { Change } from "@skypanel/contract/api/shapes"
import { isFinished } from "@skypanel/contract/Deployment"
import { InvalidInput, NotFound, Unauthorized } from "@skypanel/contract/Errors"
import type { UserId } from "@skypanel/contract/Id"
import type { LogLine } from "@skypanel/contract/Log"
import { Authorization, CurrentUser, InputErrors, type Session } from "@skypanel/contract/Session"
import { Effect, Layer, Redacted, Stream } from "effect"
import { HttpServer } from "effect/http"
import { HttpApiBuilder, HttpApiMiddleware } from "effect/http-api"
import { historyOf } from "./buildRecords.ts"
import type { FakePlatform } from "./FakePlatform.ts"
import { fleetHandlers } from "./fleetHandlers.ts"
import { fakeId } from "./ids.ts"
import { imageHandlers } from "./imageHandlers.ts"
import { learnedHashesHandlers } from "./learnedHashesHandlers.ts"
import { preparedCredentialsHandlers } from "./preparedCredentialsHandlers.ts"
import { registriesHandlers } from "./registriesHandlers.ts"
import { comparisonOf, packagesOf, provenance, sbomOf } from "./releases.ts"
import { repositoryHandlers } from "./repositoryHandlers.ts"
import { packageSet, prices } from "./scenery.ts"
import { stackHandlers } from "./stackHandlers.ts"
import { stackTemplateHandlers } from "./stackTemplateHandlers.ts"
import { follow, run } from "./streams.ts"
import { templateHandlers } from "./templateHandlers.ts"

export interface FakeUser {
  readonly id: UserId
  readonly email: string
  readonly name: string
  readonly administrator: boolean
}

const resync: Change = { kind: "resync", service: null, deployment: null }

export const handlers = (platform: FakePlatform, users: ReadonlyMap<string, FakeUser>) => {
  const session = HttpApiBuilder.group(Api, "session", (handlers) =>
    Effect.succeed(
      handlers.handle("get", () =>
        Effect.flatMap(CurrentUser, (user) =>
          run(
            platform,
            (): Session => ({
              user,
              organizations: [
                { id: fakeId("org"), slug: "acme", name: "Acme", role: "owner" },
                { id: fakeId("org"), slug: "initech", name: "Initech", role: "member" },
              ],
              platform: {
                version: "0.1.0",
                development: true,
                endpointDomain: "localhost",
                endpointPort: 8000,
                prices,
                packageSet,
                largestWorker: { cpu: 8, memoryBytes: 2 ** 35, diskBytes: 2 ** 38 },
              },
            }),
          ),
        ),
      ),
    ),
  )
  const services = HttpApiBuilder.group(Api, "services", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) =>
          run(platform, () =>
            params.organization === "acme"
              ? [...platform.services.values()].map(({ service }) => service)
              : [],
          ),
        create: ({ params, payload }) => run(platform, () => platform.create(params.organization, payload)),
        get: ({ params }) => run(platform, () => platform.find(params.service).service),
        update: ({ params, payload }) => run(platform, () => platform.update(params.service, payload)),
        delete: ({ params }) => run(platform, () => platform.delete(params.service)),
        stop: ({ params }) => run(platform, () => platform.stop(params.service)),
        start: ({ params }) => run(platform, () => platform.order(params.service, "start")),
        restart: ({ params }) => run(platform, () => platform.order(params.service, "restart")),
        redeploy: ({ params }) => run(platform, () => platform.order(params.service, "redeploy")),
        watch: ({ params, payload }) =>
          run(platform, () => {
            const { service } = platform.find(params.service)
            service.watchSeconds = payload.seconds
            return service
          }),
        forgetSecret: ({ params }) =>
          run(platform, () => platform.forgetSecret(params.service, params.secret)),
        planRetention: ({ params, query }) =>
          run(platform, () => {
            const { releases } = platform.find(params.service)
            const going = query.releases === undefined ? [] : releases.slice(query.releases)
            return { releases: going.map(({ number }) => number), bytes: going.length * 2 ** 20 }
          }),
        retain: ({ params, payload }) =>
          run(platform, () => {
            const { service } = platform.find(params.service)
            service.keptReleases = payload.releases
            return service
          }),
        logs: ({ params }) => run(platform, () => platform.find(params.service).logs),
        followLogs: ({ params, query }) =>
          run(platform, () =>
            follow<LogLine>(
              platform,
              `logs:${params.service}`,
              platform.find(params.service).logs.slice(-(query.lines ?? 100)),
            ),
          ),
      }),
    ),
  )
  const deployments = HttpApiBuilder.group(Api, "deployments", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) => run(platform, () => platform.find(params.service).deployments),
        get: ({ params }) => run(platform, () => deploymentOf(platform, params)),
        cancel: ({ params }) => run(platform, () => platform.cancel(params.service, params.number)),
        followLog: ({ params, query }) =>
          run(platform, () => {
            const deployment = deploymentOf(platform, params)
            const lines = platform.find(params.service).buildLogs.get(params.number) ?? []
            const before = lines.filter((line) => line.seq > (query.after ?? 0))
            const name = `${params.service}:${params.number}`
            return isFinished(deployment.status)
              ? Stream.fromIterable(before)
              : follow<LogLine>(platform, `build:${name}`, before, `build-end:${name}`)
          }),
        downloadLog: ({ params }) =>
          run(platform, () => {
            deploymentOf(platform, params)
            const lines = platform.find(params.service).buildLogs.get(params.number) ?? []
            return Stream.encodeText(
              Stream.fromIterable(lines.map(({ at, stream, text }) => `${at} ${stream} ${text}\n`)),
            )
          }),
        builds: ({ params, query }) =>
          run(platform, () => {
            const { buildLogs, deployments } = platform.find(params.service)
            return historyOf(deployments, buildLogs, query)
          }),
        releases: ({ params }) => run(platform, () => platform.find(params.service).releases),
        rollback: ({ params }) =>
          run(platform, () => platform.order(params.service, "rollback", params.number)),
      }),
    ),
  )
  const releases = HttpApiBuilder.group(Api, "releases", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        packages: ({ params }) => run(platform, () => packagesOf(params.number)),
        sbom: ({ params }) => run(platform, () => sbomOf(params.service, params.number)),
        provenance: () => run(platform, () => provenance),
        compare: ({ params, query }) =>
          run(platform, () =>
            comparisonOf(params.number, query.with ?? platform.find(params.service).service.release ?? 1),
          ),
      }),
    ),
  )
  const builds = HttpApiBuilder.group(Api, "builds", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => run(platform, () => platform.builds()),
        listAll: () => run(platform, () => platform.builds()),
      }),
    ),
  )
  const checks = HttpApiBuilder.group(Api, "checks", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        start: ({ payload }) => run(platform, () => platform.checks.start(payload)),
        get: ({ params }) => run(platform, () => platform.checks.get(params.check)),
      }),
    ),
  )
  const expressions = HttpApiBuilder.group(Api, "expressions", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () =>
          run(platform, () => platform.checks.expressions.map(({ version }) => version).toReversed()),
        get: ({ params }) => run(platform, () => platform.checks.expression(params.number)),
      }),
    ),
  )
  const signingKeys = HttpApiBuilder.group(Api, "signingKeys", (handlers) =>
    Effect.succeed(handlers.handle("list", () => run(platform, () => []))),
  )
  const folders = HttpApiBuilder.group(Api, "folders", (handlers) =>
    Effect.succeed(
      handlers.handle("get", () => new NotFound({ message: "This folder is not here.", next: "Upload it." })),
    ),
  )
  const events = HttpApiBuilder.group(Api, "events", (handlers) =>
    Effect.succeed(
      handlers.handle("follow", () =>
        run(platform, () => {
          const changes = follow<Change>(platform, "changes", [resync])
          return changes
        }),
      ),
    ),
  )
  platform.events.on("change", (change: Change) => platform.events.emit("changes", [change]))
  return HttpApiBuilder.layer(Api).pipe(
    Layer.provide([session, services, deployments, releases, builds, checks, expressions]),
    Layer.provide([signingKeys, folders, events]),
    Layer.provide(fleetHandlers(platform)),
    Layer.provide([repositoryHandlers(platform), preparedCredentialsHandlers(platform)]),
    Layer.provide(imageHandlers(platform)),
    Layer.provide(templateHandlers(platform)),
    Layer.provide(stackHandlers(platform)),
    Layer.provide(stackTemplateHandlers(platform)),
    Layer.provide([registriesHandlers(platform), learnedHashesHandlers(platform)]),
    Layer.provide([authorization(users), inputErrors]),
    Layer.provide(HttpServer.layerServices),
  )
}

const deploymentOf = (platform: FakePlatform, params: { service: string; number: number }) => {
  const found = platform.find(params.service).deployments.find(({ number }) => number === params.number)
  if (!found)
    throw new NotFound({
      message: `There is no deployment ${params.number}.`,
      next: "Look at the list of deployments.",
    })
  return found
}

const authorization = (users: ReadonlyMap<string, FakeUser>) =>
  Layer.succeed(
    Authorization,
    Authorization.of({
      cookie: (effect, { credential }) => {
        const user = users.get(Redacted.value(credential))
        return user
          ? Effect.provideService(effect, CurrentUser, user)
          : Effect.fail(new Unauthorized({ message: "You are not signed in.", next: "Sign in." }))
      },
      bearer: () => Effect.fail(new Unauthorized({ message: "You are not signed in.", next: "Sign in." })),
    }),
  )

const inputErrors = HttpApiMiddleware.layerSchemaErrorTransform(InputErrors, () =>
  Effect.fail(
    new InvalidInput({ message: "The request is not as it should be.", next: "Correct it.", issues: [] }),
  ),
)
