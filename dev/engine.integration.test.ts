import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { useEngine as useTestEngine } from "../test/lab/fixtures.ts"
import { BUSYBOX, BUSYBOX_PROGRAM, importBusybox } from "../test/lab/images.ts"
import { isNewEnough, useEngine } from "./engine.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-engine-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const scoped = <A, E>(effect: Effect.Effect<A, E, never>) => Effect.runPromise(effect)

const use = (socket: string) =>
  useEngine({ socket, directory: folder, volumes: join(folder, "volumes") }).pipe(
    Effect.scoped,
    Effect.provide(NodeServices.layer),
  )

describe("an engine that runs already", () => {
  const engine = useTestEngine()

  it("is used as it is, and what is in it stays untouched", async () => {
    const { docker, socket } = engine()
    await importBusybox(docker)
    const container = await docker.createContainer({
      name: "somebody-elses",
      Image: BUSYBOX,
      Cmd: [BUSYBOX_PROGRAM, "sleep", "1000"],
      HostConfig: { NetworkMode: "none" },
    })
    await container.start()
    const { State: before } = await container.inspect()
    const found = await scoped(use(socket))
    expect(found).toEqual({ socket, version: (await docker.version()).Version })
    const { State: after } = await container.inspect()
    expect(after).toEqual(before)
    expect(after.Running).toBe(true)
    expect((await docker.listImages()).length).toBe(1)
  })

  it("is made a swarm manager when it is in no swarm", async () => {
    const { docker, socket } = engine()
    await docker.swarmLeave({ force: true })
    await scoped(use(socket))
    expect((await docker.info()).Swarm).toMatchObject({ LocalNodeState: "active", ControlAvailable: true })
    const spec = (await docker.swarmInspect()).Spec
    expect(spec?.Dispatcher?.HeartbeatPeriod).toBe(20e9)
  })
})

describe("what cannot be used", () => {
  const listening = async (answer: object) => {
    const socket = join(folder, "fake.sock")
    const server = createServer((_, response) => response.end(JSON.stringify(answer)))
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    onTestFinished(() => void server.close())
    return socket
  }

  it("is an engine that is too old", async () => {
    const socket = await listening({ Version: "19.03.15", ApiVersion: "1.40" })
    expect(await scoped(Effect.flip(use(socket)))).toMatchObject({
      why: `19.03.15 at ${socket} is too old; SkyPanel needs 20.10 or newer`,
    })
  })

  it("is a socket that nobody listens on", async () => {
    expect(await scoped(Effect.flip(use(join(folder, "none.sock"))))).toMatchObject({
      why: expect.stringMatching(/^no engine answers at .*none.sock/),
      remedy: expect.stringMatching("SKYPANEL_DOCKER_SOCKET"),
    })
  })

  it("compares versions as numbers", () => {
    expect(["1.41", "1.43", "1.100", "2.0"].map(isNewEnough)).toEqual([true, true, true, true])
    expect(["1.40", "1.9", "0.99", ""].map(isNewEnough)).toEqual([false, false, false, false])
  })
})
