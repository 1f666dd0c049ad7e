import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Api } from "@skypanel/contract/Api"
import { InvalidInput, Unauthorized } from "@skypanel/contract/Errors"
import { Authorization, CurrentUser, InputErrors } from "@skypanel/contract/Session"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiBuilder, HttpApiMiddleware } from "effect/http-api"
import { FakeState } from "./FakeState.ts"
import { session } from "./fixtures.ts"
import { artifactsHandlers } from "./handlers/artifacts.ts"
import { buildsHandlers } from "./handlers/builds.ts"
import { cacheKeysHandlers } from "./handlers/cacheKeys.ts"
import { checksHandlers } from "./handlers/checks.ts"
import { deploymentsHandlers } from "./handlers/deployments.ts"
import { expressionsHandlers } from "./handlers/expressions.ts"
import { fleetHandlers } from "./handlers/fleet.ts"
import { foldersHandlers, takeFolder } from "./handlers/folders.ts"
import { imageHandlers } from "./handlers/image.ts"
import { installationsHandlers } from "./handlers/installations.ts"
import { learnedHashesHandlers } from "./handlers/learnedHashes.ts"
import { notificationsHandlers } from "./handlers/notifications.ts"
import { eventsHandlers, registrationHandlers, sessionHandlers } from "./handlers/platform.ts"
import { preparedCredentialsHandlers } from "./handlers/preparedCredentials.ts"
import { registriesHandlers } from "./handlers/registries.ts"
import { releasesHandlers, signingKeysHandlers } from "./handlers/releases.ts"
import { repositoryHandlers } from "./handlers/repository.ts"
import { servicesHandlers } from "./handlers/services.ts"
import { stacksHandlers } from "./handlers/stacks.ts"
import { stackTemplatesHandlers } from "./handlers/stackTemplates.ts"
import { templatesHandlers } from "./handlers/templates.ts"
import { workersHandlers } from "./handlers/workers.ts"

export const token = "token-of-the-test"

const handlers = (state: FakeState) =>
  [
    sessionHandlers,
    templatesHandlers(state),
    eventsHandlers,
    registrationHandlers,
    servicesHandlers(state),
    stacksHandlers(state),
    stackTemplatesHandlers(),
    deploymentsHandlers(state),
    releasesHandlers(state),
    signingKeysHandlers,
    buildsHandlers(state),
    checksHandlers(state),
    expressionsHandlers(state),
    foldersHandlers(state),
    repositoryHandlers(state),
    imageHandlers(state),
    preparedCredentialsHandlers(state),
    registriesHandlers(state),
    learnedHashesHandlers(state),
    workersHandlers(state.fleet),
    installationsHandlers(state.fleet),
    fleetHandlers(state.fleet),
    notificationsHandlers(state.notifications),
    cacheKeysHandlers(state.fleet),
    artifactsHandlers(state.fleet),
  ] as const

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
    const [answer] = server.listeners("request") as Array<RequestListener>
    server.removeAllListeners("request")
    server.on("request", (request, response) => {
      if (!takeFolder(this.state, request, response)) answer!(request, response)
    })
    this.port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections()
    await this.runtime?.dispose()
    this.runtime = null
  }
}
