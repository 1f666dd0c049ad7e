import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Api, type Change } from "@skypanel/contract/Api"
import { isFinished } from "@skypanel/contract/Deployment"
import { InvalidInput, NotFound, NotPossibleNow, Unauthorized } from "@skypanel/contract/Errors"
import type { LogLine } from "@skypanel/contract/Log"
import { Authorization, CurrentUser, InputErrors } from "@skypanel/contract/Session"
import { Effect, Layer, ManagedRuntime, Redacted, Stream } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiBuilder, HttpApiMiddleware } from "effect/http-api"
import { FakeState } from "./FakeState.ts"
import type { Held } from "./fakeRows.ts"
import { failure, session, templates, workers } from "./fixtures.ts"

export const token = "token-of-the-test"
const organization = session.organizations[0]!.slug

/** Values of `next` as they appear, looked for every 10 ms; ends when `next` says null and nothing is left. */
const polled = <A>(next: () => ReadonlyArray<A> | null) =>
  Stream.tick("10 millis").pipe(
    Stream.map(next),
    Stream.takeWhile((items) => items !== null),
    Stream.flatMap((items) => Stream.fromIterable(items ?? [])),
  )

const handlers = (state: FakeState) => {
  const find = (params: { readonly organization: string; readonly service: string }) =>
    params.organization === organization
      ? state.held(params.service)
      : Effect.fail(
          new NotFound({
            message: `There is no organization ${params.organization}.`,
            next: "Check its name.",
          }),
        )
  const deploymentOf = (held: Held, number: number) => {
    const found = held.deployments.find((deployment) => deployment.number === number)
    return found === undefined
      ? Effect.fail(new NotFound({ message: `There is no deployment ${number}.`, next: "" }))
      : Effect.succeed(found)
  }

  const sessionGroup = HttpApiBuilder.group(Api, "session", (handlers) =>
    Effect.succeed(handlers.handleAll({ get: () => Effect.succeed(session) })),
  )
  const templatesGroup = HttpApiBuilder.group(Api, "templates", (handlers) =>
    Effect.succeed(handlers.handleAll({ list: () => Effect.succeed(templates) })),
  )
  const workersGroup = HttpApiBuilder.group(Api, "workers", (handlers) =>
    Effect.succeed(handlers.handleAll({ list: () => Effect.succeed(workers) })),
  )
  const servicesGroup = HttpApiBuilder.group(Api, "services", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => [...state.services.values()].map((held) => held.service)),
        create: ({ payload }) => {
          state.requests.push(`create ${JSON.stringify(payload)}`)
          return payload.source._tag === "git" && payload.source.url.startsWith("file:")
            ? Effect.fail(
                new InvalidInput({
                  message: "That Git URL is not allowed.",
                  next: "Use https:// or ssh://.",
                  issues: [{ path: "source.url", message: "file:// is not allowed" }],
                }),
              )
            : state.create(payload)
        },
        get: ({ params }) => Effect.map(find(params), (held) => held.service),
        update: ({ params, payload }) =>
          Effect.map(find(params), (held) => {
            state.requests.push(`update ${JSON.stringify(payload)}`)
            return state.update(held, payload)
          }),
        delete: ({ params }) => Effect.map(find(params), (held) => state.delete(held)),
        stop: ({ params }) => Effect.flatMap(find(params), (held) => state.stop(held)),
        start: ({ params }) =>
          Effect.map(find(params), (held) => state.deploy(held, "start", held.service.release)),
        restart: ({ params }) =>
          Effect.map(find(params), (held) => state.deploy(held, "restart", held.service.release)),
        redeploy: ({ params }) => Effect.map(find(params), (held) => state.deploy(held, "redeploy")),
        logs: ({ params, query }) =>
          Effect.map(find(params), (held) => held.log.slice(-(query.lines ?? 100) || held.log.length)),
        followLogs: ({ params, query }) =>
          Effect.map(find(params), (held) => {
            let sent = Math.max(0, held.log.length - (query.lines ?? 100))
            return polled<LogLine>(() => {
              if (held.service.state === "deleting") return null
              const lines = held.log.slice(sent)
              sent = held.log.length
              return lines
            })
          }),
      }),
    ),
  )
  const deploymentsGroup = HttpApiBuilder.group(Api, "deployments", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) => Effect.map(find(params), (held) => held.deployments),
        get: ({ params }) => Effect.flatMap(find(params), (held) => deploymentOf(held, params.number)),
        cancel: ({ params }) =>
          Effect.gen(function* () {
            const held = yield* find(params)
            const deployment = yield* deploymentOf(held, params.number)
            if (isFinished(deployment.status))
              return yield* new NotPossibleNow({ message: "It has ended already.", next: "" })
            state.finish(held, params.number, { ...failure, code: "canceled" })
            return deployment
          }),
        followLog: ({ params, query }) =>
          Effect.gen(function* () {
            const held = yield* find(params)
            const deployment = yield* deploymentOf(held, params.number)
            let sent = (query.after ?? -1) + 1
            return polled<LogLine>(() => {
              const lines = held.buildLogs.get(params.number)!.slice(sent)
              const building = deployment.status === "queued" || deployment.status === "building"
              if (lines.length === 0 && !building) return null
              sent += lines.length
              return lines
            })
          }),
        releases: ({ params }) => Effect.map(find(params), (held) => held.releases),
        rollback: ({ params }) =>
          Effect.map(find(params), (held) => state.deploy(held, "rollback", params.number)),
      }),
    ),
  )
  const eventsGroup = HttpApiBuilder.group(Api, "events", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        follow: () =>
          Effect.succeed(
            Stream.tick("20 millis").pipe(
              Stream.map((): Change => ({ kind: "resync", service: null, deployment: null })),
            ),
          ),
      }),
    ),
  )
  return [sessionGroup, templatesGroup, workersGroup, servicesGroup, deploymentsGroup, eventsGroup] as const
}

const refuse = Effect.fail(new Unauthorized({ message: "Sign in first.", next: "Set SKYPANEL_TOKEN." }))

const authorization = Layer.succeed(Authorization)(
  Authorization.of({
    cookie: () => refuse,
    bearer: (answer, { credential }) =>
      Redacted.value(credential) === token
        ? answer.pipe(Effect.provideService(CurrentUser, { ...session.user }))
        : refuse,
  }),
)

const inputErrors = HttpApiMiddleware.layerSchemaErrorTransform(InputErrors, () =>
  Effect.fail(new InvalidInput({ message: "The request is not as it should be.", next: "", issues: [] })),
)

/** Real HTTP by the contract's own routes and schemas, over the state of a fake; on loopback. */
export class FakePlatform {
  readonly state = new FakeState()
  private runtime: ManagedRuntime.ManagedRuntime<never, never> | null = null
  private server: Server | null = null
  private port = 0

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The port stays the same over a restart. */
  async start(): Promise<void> {
    const server = createServer()
    const routes = HttpApiBuilder.layer(Api).pipe(
      Layer.provide([...handlers(this.state)]),
      Layer.provide([authorization, inputErrors]),
    )
    const layer = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provide(
        NodeHttpServer.layer(() => server, {
          port: this.port,
          host: "127.0.0.1",
          gracefulShutdownTimeout: "1 millis",
        }),
      ),
    )
    this.server = server
    this.runtime = ManagedRuntime.make(layer as Layer.Layer<never>)
    await this.runtime.runPromise(Effect.void)
    this.port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections()
    await this.runtime?.dispose()
    this.runtime = null
  }
}
