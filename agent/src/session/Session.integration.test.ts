import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Desired } from "@skypanel/contract/AgentProtocol"
import type { BuildId, WorkerKeyId } from "@skypanel/contract/Id"
import { Effect, Queue, Stream } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { until } from "../../test/containers.ts"
import { temporaryFolder } from "../../test/edge.ts"
import { startChannel } from "../../test/platform.ts"
import { startSession } from "../../test/session.ts"
import type { LogBatch } from "../builder/BuildLog.ts"
import { nothing } from "../desired/DesiredState.ts"
import { identityFiles } from "../identity/IdentityFile.ts"
import { isSignedBy } from "../identity/KeyPair.ts"

const buildId = `bld_${"0".repeat(24)}` as BuildId
const line = (seq: number) => ({
  ...{ seq, at: "2026-01-01T00:00:00.000Z", stream: "stdout" as const, text: "x", origin: "building" },
})
const desired = (generation: number): Desired => ({ ...nothing, generation })

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
  await channel.identity(data.folder)
})
afterEach(async () => {
  await session.stop()
  await channel.stop()
  data.remove()
})

describe("a session", () => {
  it("proves who it is, then begins with what it is and all it sees", async () => {
    await start()
    await saying(0, "observed")
    const { request, said } = await connection(0)
    expect(request.url).toBe("/agent")
    expect(request.headers["sec-websocket-protocol"]).toBe("skypanel.agent.v2")
    expect(said.slice(0, 2).map(({ _tag }) => _tag)).toEqual(["hello", "observed"])
    const status = JSON.parse(readFileSync(join(data.folder, "status.json"), "utf8"))
    expect(status).toMatchObject({ connected: true, name: "test" })
  })

  it("says what it builds with as soon as it has that", async () => {
    const { hasPackages } = await start()
    await saying(0, "observed")
    const { said } = await connection(0)
    const packageSet = { kind: "embedded" as const, reference: "Debian 12 packages", reason: "a test" }
    hasPackages(packageSet)
    const again = await until("another hello", () => said.filter(({ _tag }) => _tag === "hello")[1])
    expect(again).toMatchObject({ packageSet })
  })

  it("tells nothing to who is not the platform that it registered with", async () => {
    channel.behaviour.impostor = true
    await start()
    await until("its end", () => channel.connections[0]?.closed.code ?? undefined)
    expect(channel.connections[0]!.said).toEqual([])
    channel.behaviour.impostor = false
    await until("the real one", () => channel.connections.find(({ said }) => said.length > 0))
  })

  it("writes down why it is refused", async () => {
    const { message, next } = { message: "This worker was removed.", next: "Add it again." }
    channel.behaviour.refusal = { _tag: "refused", code: "revoked", message, next }
    await start()
    const reason = await until("the reason", () => {
      const file = join(data.folder, "status.json")
      return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).reason : undefined
    })
    expect(reason).toBe(`${message} ${next}`)
    expect(channel.connections).toHaveLength(1)
  })

  it("offers a new key when its own is a day old, and uses it once the platform has taken it", async () => {
    channel.behaviour.keyAgeSeconds = 24 * 60 * 60
    await start()
    const offer = await saying(0, "rotate")
    if (offer?._tag !== "rotate") throw new Error("no offer")
    const first = await connection(0)
    const files = identityFiles(data.folder)
    const before = await Effect.runPromise(files.identity)
    const keyId = `key_${"1".repeat(24)}` as WorkerKeyId
    first.send({ _tag: "rotated", keyId, publicKey: offer.publicKey })
    await until("the key on the disk", () => {
      const kept = JSON.parse(readFileSync(join(data.folder, "identity.json"), "utf8"))
      return kept.publicKey === offer.publicKey || undefined
    })
    expect(await Effect.runPromise(files.identity)).toMatchObject({
      ...before,
      keyId,
      publicKey: offer.publicKey,
      privateKey: expect.any(String),
    })
    channel.behaviour.keyAgeSeconds = 0
    channel.know(offer.publicKey)
    first.close()
    await saying(1, "observed")
    expect(isSignedBy(offer.publicKey, "another text", offer.proof)).toBe(false)
  })

  it("takes the desired state and says that it has it", async () => {
    const { state, reconciled } = await start()
    await saying(0, "observed")
    const { send } = await connection(0)
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

  it("begins anew when the platform answers no pulse", async () => {
    channel.behaviour.pulseMs = 100
    await start()
    const first = await connection(0)
    await until("pulses", () => first.pulses.count > 3 || undefined)
    expect(first.closed.code).toBeNull()
    channel.behaviour.answersPulses = false
    await saying(1, "observed")
    expect(first.closed.code).not.toBeNull()
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
    expect(said.at(-1)).toEqual({ _tag: "stopping", why: "stopped" })
    expect(closed.code).toBe(1000)
  })
})
