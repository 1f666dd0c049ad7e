import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { BuildId, WorkerId } from "@skypanel/contract/Id"
import { Effect, Exit, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { startScriptedFleet } from "../../test/scriptedFleet.ts"
import { newWorkerId } from "../domain/id.ts"
import { appendBuildLog, recordBuild } from "../store/Builds.ts"
import { serveAgents } from "./agentChannel.ts"

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let server: Server
let scope: Scope.Closeable
let url = ""

beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
  server = createServer()
  scope = Effect.runSync(Scope.make())
  await fleet.run(Scope.provide(serveAgents(server), scope))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent`
}, 60_000)
afterAll(async () => {
  await fleet.run(Scope.close(scope, Exit.void))
  await fleet.stop()
  server.close()
})

interface Opened {
  readonly socket: WebSocket
  readonly said: Array<string>
  readonly closed: Promise<number>
}

const connect = (...protocols: ReadonlyArray<string>) =>
  new Promise<Opened>((resolve, reject) => {
    const socket = new WebSocket(url, [...protocols])
    const said: Array<string> = []
    socket.on("message", (data) => said.push(data.toString()))
    const closed = new Promise<number>((done) => socket.on("close", done))
    socket.on("open", () => resolve({ socket, said, closed }))
    socket.on("error", reject)
  })
const message = (said: ReadonlyArray<string>, tag: string) =>
  until(`a ${tag}`, async () => said.map((text) => JSON.parse(text)).find(({ _tag }) => _tag === tag) ?? null)

describe("the agents' channel", () => {
  it("asks everybody who they are, with a number that is new each time", async () => {
    const [one, two] = [await connect("skypanel.agent.v2"), await connect("skypanel.agent.v2")]
    const [first, second] = [await message(one.said, "challenge"), await message(two.said, "challenge")]
    expect(first.protocols).toEqual(["skypanel.agent.v2"])
    expect(first.nonce).not.toBe(second.nonce)
    one.socket.close()
    two.socket.close()
  })

  it("chooses a protocol that it speaks among those of a newer agent", async () => {
    const { socket } = await connect("skypanel.agent.v3", "skypanel.agent.v2")
    expect(socket.protocol).toBe("skypanel.agent.v2")
    socket.close()
  })

  it.each(["skypanel.agent.v1", "skypanel.agent.v3", "something else".replace(" ", "-")])(
    "tells an agent that only speaks %s what it speaks itself",
    async (protocol) => {
      const { said, closed } = await connect(protocol)
      expect(await message(said, "refused")).toMatchObject({
        code: "protocol",
        message: "This platform speaks skypanel.agent.v2.",
      })
      expect(await closed).toBe(4401)
    },
  )

  it.each([
    "not json",
    "{}",
    '{"_tag":"hello","roles":["root"]}',
    '{"session":"","seq":1,"message":{"_tag":"stopping","why":"stopped"}}',
    JSON.stringify({ _tag: "identify", workerId: "x", keyId: "y", nonce: "", signature: "" }),
    "x".repeat(8 * 1024),
  ])("lets nobody in who begins with %.40s", async (text) => {
    const { socket, said, closed } = await connect("skypanel.agent.v2")
    socket.send(text)
    expect(await message(said, "refused")).toMatchObject({ code: "malformed" })
    expect(await closed).toBe(4401)
  })

  it("does not wait for ever for who says nothing", async () => {
    const { said, closed } = await connect("skypanel.agent.v2")
    expect(await closed).toBe(4401)
    expect(await message(said, "refused")).toMatchObject({ code: "malformed" })
  })

  it("refuses a message of more than 1 MiB", async () => {
    const { socket, closed } = await connect("skypanel.agent.v2")
    socket.send("x".repeat(1024 * 1024 + 1))
    expect(await closed).toBe(1009)
  })
})

describe("a worker that speaks of another's build", () => {
  it("changes nothing", async () => {
    const result = await fleet.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [one, two]: ReadonlyArray<WorkerId> = [newWorkerId(), newWorkerId()]
        yield* sql`insert into worker (id, name) values (${one!}, 'one'), (${two!}, 'two')`
        yield* sql`insert into service (id, organization_id, organization_slug, name, source, environment, resources, port, host)
          values ('s', 'o', 'o', 's', '{}', '{}', '{}', 80, 'h')`
        yield* sql`insert into deployment (id, organization_id, service_id, number, trigger, source, environment, resources, port, finished_at)
          values ('d', 'o', 's', 1, 'deploy', '{}', '{}', '{}', 80, now())`
        yield* sql`insert into build (id, organization_id, deployment_id, worker_id) values ('b', 'o', 'd', ${one!})`
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
        yield* recordBuild(two!, observed)
        yield* appendBuildLog(two!, "b" as BuildId, [line])
        const before = yield* sql`select phase, log_seq from build where id = 'b'`
        yield* appendBuildLog(one!, "b" as BuildId, [line, line])
        const restarted = { ...line, at: new Date(0).toISOString(), text: "started over" }
        yield* appendBuildLog(one!, "b" as BuildId, [restarted])
        yield* recordBuild(one!, observed)
        const log = yield* sql`select text from build_log where build_id = 'b'`
        const after = yield* sql`select phase, log_seq from build where id = 'b'`
        return { before, after, log }
      }),
    )
    expect(result).toMatchObject({
      before: [{ phase: "waiting", log_seq: 0 }],
      after: [{ phase: "succeeded", log_seq: 1 }],
      log: [{ text: "started over" }],
    })
  })
})
