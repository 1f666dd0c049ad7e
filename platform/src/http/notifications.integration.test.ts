import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { NotificationsGroup } from "@skypanel/contract/api/NotificationsGroup"
import { type Notification, notificationKinds } from "@skypanel/contract/Notification"
import { InputErrors } from "@skypanel/contract/Session"
import { Effect, Fiber, Layer, ManagedRuntime, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiClient } from "effect/http-api"
import Koa from "koa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { addUser, type TestUser } from "../../test/administrators.ts"
import { headerOf, type MailServer, startMailServer } from "../../test/mailServer.ts"
import { storeFor } from "../../test/store.ts"
import { Auth } from "../auth/Auth.ts"
import { issueLocalToken } from "../auth/administrator.ts"
import { Mail } from "../mail/Mail.ts"
import { Notifications } from "../notify/Notifications.ts"
import { layerAuthorization } from "./authorization.ts"
import { layerInputErrors } from "./inputErrors.ts"
import { layerNotifications } from "./notifications.ts"
import { webHandler } from "./webHandler.ts"

/** The endpoints as a client meets them: over HTTP, signed in, with a real database and a real mail server. */

class NotificationsApi extends HttpApi.make("skypanel")
  .add(NotificationsGroup)
  .prefix("/api/v1")
  .middleware(InputErrors) {}

const postgres = usePostgres()

const makeRuntime = (url: string, settings: Record<string, string>) =>
  ManagedRuntime.make(
    Notifications.layer.pipe(
      Layer.provideMerge(Mail.layer),
      Layer.provideMerge(Auth.layer),
      Layer.provideMerge(storeFor(url, settings)),
    ),
  )
type Runtime = ReturnType<typeof makeRuntime>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never

/** A platform that serves nothing but notifications. */
const serve = async (runtime: Runtime) => {
  const services = Layer.succeedContext(await runtime.runPromise(Effect.context<Needs>()))
  const routes = HttpApiBuilder.layer(NotificationsApi).pipe(
    Layer.provide(layerNotifications),
    Layer.provide([layerAuthorization, layerInputErrors]),
    Layer.provide(HttpServer.layerServices),
    Layer.provide(services),
  )
  const { handler, dispose } = HttpRouter.toWebHandler(routes, { disableLogger: true })
  const app = new Koa()
  app.on("error", () => undefined)
  app.use(webHandler(handler))
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { server, dispose, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

interface Signed extends TestUser {
  readonly token: string
}

let mailServer: MailServer
let runtime: Runtime
let withoutMail: Runtime
const servers: Array<{ readonly server: Server; readonly dispose: () => Promise<void> }> = []
let url = ""
let urlWithoutMail = ""
let alice: Signed
let bob: Signed
let carol: Signed

const run = <A, E>(effect: Effect.Effect<A, E, Needs>) => runtime.runPromise(effect)
const signedIn = (name: string, role: "admin" | "user") =>
  run(
    Effect.gen(function* () {
      const user = yield* addUser(name, role)
      return { ...user, token: yield* issueLocalToken(user.id) }
    }),
  )

beforeAll(async () => {
  mailServer = await startMailServer()
  const database = await postgres().database()
  const from = { SKYPANEL_MAIL_FROM: "sky@example.com" }
  runtime = makeRuntime(database, { ...from, SKYPANEL_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}` })
  withoutMail = makeRuntime(database, from)
  for (const one of [runtime, withoutMail]) {
    const served = await serve(one)
    servers.push(served)
    if (url === "") url = served.url
    else urlWithoutMail = served.url
  }
  alice = await signedIn("alice", "admin")
  bob = await signedIn("bob", "admin")
  carol = await signedIn("carol", "user")
})
afterAll(async () => {
  for (const { server, dispose } of servers) {
    server.closeAllConnections()
    server.close()
    await dispose()
  }
  await runtime.dispose()
  await withoutMail.dispose()
  await mailServer.stop()
})

const clientOf = (user: Signed, baseUrl = url) =>
  HttpApiClient.make(NotificationsApi, {
    baseUrl,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(user.token)),
  }).pipe(
    Effect.map((client) => client.notifications),
    Effect.provide(FetchHttpClient.layer),
    Effect.runSync,
  )
const ask = (user: Signed | null, path: string, init: RequestInit = {}) =>
  fetch(`${url}/api/v1/notifications${path}`, {
    ...init,
    headers: {
      "content-type": "application/json",
      ...(user === null ? {} : { authorization: `Bearer ${user.token}` }),
    },
  })
const tell = (title: string) =>
  run(
    Effect.flatMap(Notifications, (notifications) =>
      notifications.tell({ kind: "drain", tone: "good", title, body: "", workerId: null }),
    ),
  )
const newest = async (user: Signed) => {
  const { notifications } = await Effect.runPromise(clientOf(user).list())
  return notifications[0]!
}

describe("notifications over HTTP", () => {
  it("are for who is signed in", async () => {
    for (const path of ["", "/follow", "/preferences"]) expect((await ask(null, path)).status).toBe(401)
    expect((await ask({ ...alice, token: "wrong" }, "")).status).toBe(401)
  })

  it("are listed, and marked read by their owner only", async () => {
    await tell("A drain has ended.")
    const hers = await newest(alice)
    expect(hers).toMatchObject({ title: "A drain has ended.", tone: "good", read: false })
    const asBob = clientOf(bob).read({ params: { notification: hers.id } })
    expect(await Effect.runPromise(Effect.flip(asBob))).toMatchObject({ _tag: "NotFound" })
    expect((await newest(alice)).read).toBe(false)
    const read = await Effect.runPromise(clientOf(alice).read({ params: { notification: hers.id } }))
    expect(read).toMatchObject({ unread: 0 })
    expect(await Effect.runPromise(clientOf(bob).readAll())).toMatchObject({ unread: 0 })
    expect(await Effect.runPromise(clientOf(carol).list())).toEqual({ notifications: [], unread: 0 })
  })

  it("have preferences", async () => {
    const changed = { kind: "drain", page: true, email: true } as const
    const set = await Effect.runPromise(clientOf(alice).setPreferences({ payload: [changed] }))
    expect(set).toContainEqual(changed)
    expect(await Effect.runPromise(clientOf(alice).preferences())).toEqual(set)
    const response = await ask(alice, "/preferences", {
      method: "PUT",
      body: JSON.stringify([{ kind: "weather", page: true, email: true }]),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ _tag: "InvalidInput" })
  })
})

describe("following over HTTP", () => {
  it("opens at once, says that nobody shall buffer it, and sends events", async () => {
    const after = (await newest(alice)).id
    const response = await ask(alice, `/follow?after=${after}`)
    expect(response.headers.get("content-type")).toContain("text/event-stream")
    expect(response.headers.get("x-accel-buffering")).toBe("no")
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe(":\n\n")
    await tell("An event.")
    const event = (await reader.read()).value!
    expect(event).toMatch(/^data: \{.*\}\n\n$/)
    expect(JSON.parse(event.slice("data: ".length))).toMatchObject({ title: "An event.", read: false })
    await reader.cancel()
  })

  it("is read by the contract's client, which goes on where it was after a reconnect", async () => {
    const heard: Array<Notification> = []
    const follow = (after: string) =>
      Effect.runFork(
        Effect.flatMap(clientOf(alice).follow({ query: { after } }), (stream) =>
          Stream.runForEach(stream, (notification) => Effect.sync(() => heard.push(notification))),
        ),
      )
    const first = follow((await newest(alice)).id)
    await tell("live")
    await until("the live one", async () => (heard.length > 0 ? true : null))
    await Effect.runPromise(Fiber.interrupt(first))
    await tell("missed")
    const second = follow(heard.at(-1)!.id)
    await until("the missed one", async () => (heard.length > 1 ? true : null))
    await tell("live again")
    await until("the next live one", async () => (heard.length > 2 ? true : null))
    await Effect.runPromise(Fiber.interrupt(second))
    expect(heard.map(({ title }) => title)).toEqual(["live", "missed", "live again"])
  })
})

describe("the e-mail to try", () => {
  it("arrives, and says where it was sent; a second one has to wait", async () => {
    expect(await Effect.runPromise(clientOf(alice).testEmail())).toEqual({ sentTo: alice.email })
    expect(mailServer.received.map(({ to }) => to)).toEqual([[alice.email]])
    expect(headerOf(mailServer.received[0]!.raw, "Subject")).toBe("[SkyPanel] E-mail works")
    expect(await Effect.runPromise(Effect.flip(clientOf(alice).testEmail()))).toMatchObject({
      _tag: "Unavailable",
      message: "One was sent just now.",
    })
  })

  it("says what the mail server said", async () => {
    mailServer.behaviour = { onReceiver: () => "550 no such user here" }
    expect(await Effect.runPromise(Effect.flip(clientOf(bob).testEmail()))).toMatchObject({
      _tag: "Unavailable",
      message: expect.stringContaining("550 no such user here"),
    })
  })

  it("says what to set when there is no mail server", async () => {
    expect(await Effect.runPromise(Effect.flip(clientOf(alice, urlWithoutMail).testEmail()))).toMatchObject({
      _tag: "Unavailable",
      next: "Set SKYPANEL_SMTP_URL and SKYPANEL_MAIL_FROM, and start the platform again.",
    })
  })

  it("is for everybody, to the own address", async () => {
    mailServer.behaviour = {}
    expect(await Effect.runPromise(clientOf(carol).testEmail())).toEqual({ sentTo: carol.email })
  })
})

describe("what there is to choose", () => {
  it("is only what one may be told", async () => {
    const kindsOf = async (user: Signed) =>
      (await Effect.runPromise(clientOf(user).preferences())).map(({ kind }) => kind)
    expect(await kindsOf(carol)).toEqual(["returned", "build", "image"])
    expect(await kindsOf(alice)).toHaveLength(Object.keys(notificationKinds).length)
  })
})
