import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Desired } from "@skypanel/contract/AgentProtocol"
import type { BuildId } from "@skypanel/contract/Id"
import { Effect, Queue, Stream } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { until } from "../../test/containers.ts"
import { temporaryFolder } from "../../test/edge.ts"
import { startChannel, welcome } from "../../test/platform.ts"
import { startSession } from "../../test/session.ts"
import type { LogBatch } from "../builder/BuildLog.ts"

const buildId = `bld_${"0".repeat(24)}` as BuildId
const line = (seq: number) => ({
  ...{ seq, at: "2026-01-01T00:00:00.000Z", stream: "stdout" as const, text: "x", origin: "building" },
})
const desired = (generation: number): Desired => ({
  ...{ _tag: "desired", generation, builds: [], deployments: [], routes: [], logs: [] },
})

let channel: Awaited<ReturnType<typeof startChannel>>
let data: ReturnType<typeof temporaryFolder>
let session: Awaited<ReturnType<typeof startSession>>
const start = async (logs: Pick<Parameters<typeof startSession>[0], "unstored" | "newLogs"> = {}) => {
  session = await startSession({ controlPlane: channel.url, dataFolder: data.folder, ...logs })
  return session
}
const connection = (index: number) => until(`connection ${index}`, () => channel.connections[index])
const saying = async (index: number, tag: string) => {
  const { said } = await connection(index)
  return until(tag, () => said.find(({ _tag }) => _tag === tag))
}
const saw = (index: number, generation: number) =>
  until(`generation ${generation}`, () =>
    channel.connections[index]?.said.find((one) => one._tag === "observed" && one.generation === generation),
  )

beforeEach(async () => {
  channel = await startChannel()
  data = temporaryFolder()
})
afterEach(async () => {
  await session.stop()
  await channel.stop()
  data.remove()
})

describe("a session", () => {
  it("begins with who it is and all it sees, and tells its token in a subprotocol", async () => {
    await start()
    await saying(0, "observed")
    const { request, said } = await connection(0)
    expect(request.url).toBe("/agent")
    expect(request.headers["sec-websocket-protocol"]).toMatch(/^skypanel\.agent\.v1, ?bearer\.token$/)
    expect(said.slice(0, 2).map(({ _tag }) => _tag)).toEqual(["hello", "observed"])
  })

  it("takes the desired state and says that it has it", async () => {
    const { state, reconciled } = await start()
    const { send } = await connection(0)
    send(welcome)
    send(desired(41))
    await saw(0, 41)
    expect(state.current().generation).toBe(41)
    expect(reconciled.at(-1)).toEqual([])
  })

  it("knows after a start what was desired, but starts no builds before the platform has spoken", async () => {
    writeFileSync(join(data.folder, "desired.json"), JSON.stringify(desired(7)))
    const { state, reconciled } = await start()
    expect(state.current().generation).toBe(7)
    expect(state.isFresh()).toBe(false)
    await saw(0, 0)
    expect(reconciled).toEqual([])
  })

  it("tells changes at once, and a burst of them in a few reports", async () => {
    const { tell } = await start()
    const { said } = await connection(0)
    await saying(0, "observed")
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = said.length
    const began = performance.now()
    tell()
    await until("the report", () => said.length > before || undefined)
    expect(performance.now() - began).toBeLessThan(100)
    while (performance.now() - began < 1_000) {
      tell()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(said.length - before).toBeGreaterThan(3)
    expect(said.length - before).toBeLessThan(40)
  })

  it.each<readonly [string, string | Buffer]>([
    ["no JSON", "{"],
    ["a message it does not know", '{"_tag":"rm -rf /"}'],
    ["a message that does not fit", '{"_tag":"desired","generation":1}'],
    ["bytes", Buffer.from("{}")],
    ["more than a message may have", `"${"x".repeat(1024 * 1024 + 1)}"`],
  ])("ends at %s and begins anew with everything", async (_, bytes) => {
    await start()
    const first = await connection(0)
    await saying(0, "observed")
    first.sendRaw(bytes)
    await until("its end", () => first.closed.code ?? undefined)
    await saying(1, "observed")
    expect(channel.connections[1]!.said[0]!._tag).toBe("hello")
  })

  it("comes back when the platform does, with the state it had", async () => {
    const { state } = await start()
    const first = await connection(0)
    first.send(desired(5))
    await saw(0, 5)
    const { port } = channel
    await channel.stop()
    await until("time without it", () => undefined, 0.5).catch(() => undefined)
    expect(state.current().generation).toBe(5)
    channel = await startChannel(port)
    await saw(0, 5)
  })

  it("begins anew when a platform that greets with every heartbeat is silent", async () => {
    await start()
    const first = await connection(0)
    const greeting = { ...welcome, heartbeatMs: 100 } as const
    first.send(greeting)
    first.send(greeting)
    await saying(1, "observed")
    expect(first.closed.code).not.toBeNull()
    // This one has greeted once only: it may be one that does not repeat itself.
    channel.connections[1]!.send(greeting)
    await until("time", () => undefined, 0.8).catch(() => undefined)
    expect(channel.connections).toHaveLength(2)
  })

  it("goes on trying while it is refused, and is let in then", async () => {
    channel.refuse(true)
    await start()
    await until("three attempts", () => channel.refused() >= 3 || undefined)
    channel.refuse(false)
    await saying(0, "hello")
  })

  it("sends logs again that are not stored, then the new ones, and forgets what is stored", async () => {
    const fresh = await Effect.runPromise(Queue.unbounded<LogBatch>())
    const { stored } = await start({
      unstored: [{ buildId, lines: [line(1), line(2)] }],
      newLogs: Stream.fromEffectRepeat(Queue.take(fresh)),
    })
    await saying(0, "buildLog")
    const first = await connection(0)
    Queue.offerUnsafe(fresh, { buildId, lines: [line(3)] })
    const sequences = (index: number) =>
      channel.connections[index]!.said.flatMap((one) =>
        one._tag === "buildLog" ? one.lines.map(({ seq }) => seq) : [],
      )
    await until("the new line", () => sequences(0).includes(3) || undefined)
    expect(sequences(0)).toEqual([1, 2, 3])
    first.send({ _tag: "buildLogStored", buildId, seq: 2 })
    await until("it to be forgotten", () => stored.length > 0 || undefined)
    expect(stored).toEqual([[buildId, 2]])
    first.close()
    await saying(1, "buildLog")
    expect(sequences(1)).toEqual([1, 2])
  })

  it("says goodbye when the agent stops", async () => {
    await start()
    const { said, closed } = await connection(0)
    await saying(0, "observed")
    await session.stop()
    await until("the close", () => closed.code ?? undefined)
    expect(said.at(-1)).toEqual({ _tag: "stopping" })
    expect(closed.code).toBe(1000)
  })
})
