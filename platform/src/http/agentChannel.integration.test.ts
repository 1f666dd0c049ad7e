import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { BuildId, WorkerId } from "@skypanel/contract/Id"
import { Effect, Exit, Layer, ManagedRuntime, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { storeFor } from "../../test/store.ts"
import { AgentSessions } from "../fleet/AgentSessions.ts"
import { RuntimeLogs } from "../fleet/RuntimeLogs.ts"
import { appendBuildLog, recordBuild } from "../store/Builds.ts"
import { Changes } from "../store/Changes.ts"
import { registerWorker } from "../store/Workers.ts"
import { serveAgents } from "./agentChannel.ts"

const postgres = usePostgres()
const makeRuntime = (url: string) =>
  ManagedRuntime.make(
    AgentSessions.layer.pipe(
      Layer.provideMerge(RuntimeLogs.layer),
      Layer.provideMerge(Changes.layer),
      Layer.provideMerge(storeFor(url)),
    ),
  )
let runtime: ReturnType<typeof makeRuntime>
let server: Server
let scope: Scope.Closeable
let url = ""

beforeAll(async () => {
  runtime = makeRuntime(await postgres().database())
  server = createServer()
  scope = Effect.runSync(Scope.make())
  await runtime.runPromise(
    Effect.gen(function* () {
      yield* registerWorker("one", "token-of-one", true)
      yield* registerWorker("two", "token-of-two", true)
      yield* Scope.provide(serveAgents(server), scope)
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent`
})
afterAll(async () => {
  await runtime.runPromise(Scope.close(scope, Exit.void))
  await runtime.dispose()
  server.close()
})

const connect = (...protocols: ReadonlyArray<string>) =>
  new Promise<WebSocket | number>((resolve) => {
    const socket = new WebSocket(url, [...protocols])
    socket.on("open", () => resolve(socket))
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0))
    socket.on("error", () => {})
  })

const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.on("close", resolve))

const hello = JSON.stringify({
  _tag: "hello",
  roles: ["services"],
  versions: { agent: "0", runtime: "test", docker: null, nix: null, haproxy: null },
  capacity: { cpu: 2, memoryBytes: 1, diskBytes: 1 },
  packageSet: null,
  orchestratorNodeId: null,
  endpointAddress: null,
})

const isConnected = (name: string) =>
  runtime
    .runPromise(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ connected: boolean }>`select connected from worker where name = ${name}`,
      ),
    )
    .then((rows) => rows[0]!.connected)

describe("the agents' channel", () => {
  it.each([
    ["no token", ["skypanel.agent.v1"]],
    ["a wrong token", ["skypanel.agent.v1", "bearer.wrong"]],
    ["another protocol", ["other", "bearer.token-of-one"]],
  ])("opens no WebSocket for %s", async (_, protocols) => {
    expect(await connect(...protocols)).toBe(401)
  })

  it("welcomes a worker, and knows when it goes", async () => {
    const socket = (await connect("skypanel.agent.v1", "bearer.token-of-one")) as WebSocket
    const first = new Promise<string>((resolve) => socket.once("message", (data) => resolve(data.toString())))
    socket.send(hello)
    expect(JSON.parse(await first)).toMatchObject({ _tag: "welcome" })
    await until("the worker to be connected", async () => ((await isConnected("one")) ? true : null))
    socket.close()
    await until("the worker to be gone", async () => ((await isConnected("one")) ? null : true))
  })

  it.each(["not json", "{}", '{"_tag":"observed"}', '{"_tag":"hello","roles":["root"]}'])(
    "ends a session that says %s",
    async (text) => {
      const socket = (await connect("skypanel.agent.v1", "bearer.token-of-one")) as WebSocket
      const ending = closed(socket)
      socket.send(text)
      await ending
    },
  )

  it("refuses a message of more than 1 MiB", async () => {
    const socket = (await connect("skypanel.agent.v1", "bearer.token-of-one")) as WebSocket
    const ending = closed(socket)
    socket.send("x".repeat(1024 * 1024 + 1))
    expect(await ending).toBe(1009)
  })

  it("a newer connection of the same worker ends the one before", async () => {
    const first = (await connect("skypanel.agent.v1", "bearer.token-of-one")) as WebSocket
    first.send(hello)
    await until("the worker to be connected", async () => ((await isConnected("one")) ? true : null))
    const ending = closed(first)
    const second = (await connect("skypanel.agent.v1", "bearer.token-of-one")) as WebSocket
    await ending
    second.close()
  })
})

describe("a worker that speaks of another's build", () => {
  it("changes nothing", async () => {
    const result = await runtime.runPromise(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const workers = yield* sql<{ id: WorkerId }>`select id from worker order by name`
        const [one, two] = [workers[0]!.id, workers[1]!.id]
        yield* sql`insert into service (id, organization_id, organization_slug, name, source, environment, resources, port, host)
          values ('s', 'o', 'o', 's', '{}', '{}', '{}', 80, 'h')`
        yield* sql`insert into deployment (id, organization_id, service_id, number, trigger, source, environment, resources, port)
          values ('d', 'o', 's', 1, 'deploy', '{}', '{}', '{}', 80)`
        yield* sql`insert into build (id, organization_id, deployment_id, worker_id) values ('b', 'o', 'd', ${one})`
        const observed = {
          id: "b" as BuildId,
          phase: "succeeded",
          result: { storePath: "/nix/store/planted" },
          failure: null,
          logSeq: 0,
        } as never
        const line = {
          seq: 1,
          at: new Date().toISOString(),
          stream: "stdout",
          text: "planted",
          origin: "",
        } as const
        yield* recordBuild(two, observed)
        yield* appendBuildLog(two, "b" as BuildId, [line])
        const before = yield* sql`select phase, log_seq from build where id = 'b'`
        yield* appendBuildLog(one, "b" as BuildId, [line, line])
        const restarted = { ...line, at: new Date(0).toISOString(), text: "started over" }
        yield* appendBuildLog(one, "b" as BuildId, [restarted])
        yield* recordBuild(one, observed)
        const log = yield* sql`select text from build_log where build_id = 'b'`
        const after = yield* sql`select phase, log_seq from build where id = 'b'`
        return { before, after, log }
      }).pipe(Effect.result),
    )
    expect(result).toMatchObject({ _tag: "Success" })
    expect(result).toMatchObject({
      success: {
        before: [{ phase: "waiting", log_seq: 0 }],
        after: [{ phase: "succeeded", log_seq: 1 }],
        log: [{ text: "started over" }],
      },
    })
  })
})
