import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ImageKeeping } from "@skypanel/contract/WorkerImages"
import { Context, Effect, Exit, Layer, Logger, Scope } from "effect"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { AgentConfig } from "../../agent/src/config.ts"
import { DesiredState, nothing } from "../../agent/src/desired/DesiredState.ts"
import { EngineError } from "../../agent/src/engine/call.ts"
import { ImageEngine } from "../../agent/src/engine/ImageEngine.ts"
import { ImageRemoval } from "../../agent/src/images/ImageRemoval.ts"
import { organizationId, serviceId, settings } from "../../agent/test/edge.ts"
import { runArguments } from "../../agent/test/program.ts"
import { type ArtifactServer, startArtifactServer } from "../../platform/test/artifactServer.ts"
import { add, credentialOf, publish } from "../../platform/test/publisher.ts"
import { useEngine, usePostgres } from "../lab/fixtures.ts"
import { BUSYBOX, importBusybox } from "../lab/images.ts"

/** A worker's agent, a real engine and a real registry: which images go when there is too little room. */

const postgres = usePostgres()
const engine = useEngine()
const folder = mkdtempSync(join(tmpdir(), "skypanel-removal-"))
const imagesCount = 8
const MB = 1e6
/** Of all images that the platform has, by their number. */
const digests: Array<string> = []
let server: ArtifactServer

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  for (let n = 0; n < imagesCount; n++) {
    await add(server, `application-${n}`, [], MB)
    const owner = { organizationId: organizationId(1) }
    digests.push((await publish(server, serviceId(n), `application-${n}`, owner)).digest)
  }
})
afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const registry = () => `${engine().hostAddress}:${server.port}`
const repositoryOf = (n: number) => `${organizationId(1)}/${serviceId(n)}`
const nameOf = (n: number) => `${registry()}/${repositoryOf(n)}@${digests[n]}`

const pull = async (n: number) => {
  const { docker } = engine()
  const authconfig = { ...(await credentialOf(server, repositoryOf(n))), serveraddress: registry() }
  const stream = await docker.pull(nameOf(n), { authconfig })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  )
}

const images = () => engine().docker.listImages()
/** The numbers of those that are there. */
const here = async () => {
  const names = (await images()).flatMap(({ RepoDigests }) => RepoDigests ?? [])
  return digests.flatMap((_, n) => (names.includes(nameOf(n)) ? [n] : []))
}

beforeEach(async () => {
  const { docker } = engine()
  await importBusybox(docker)
  for (let n = 0; n < imagesCount; n++) await pull(n)
  // It does not run, as one that has crashed and is kept by the engine.
  await docker.createContainer({ name: "holder", Image: nameOf(0), Cmd: ["/run"] })
})
afterEach(async () => {
  const { docker } = engine()
  await docker.getContainer("holder").remove({ force: true })
  for (const { Id } of await images()) await docker.getImage(Id).remove({ force: true })
})

/** What an agent has written down: that the image of each number was used so many minutes ago. */
const writeUses = async (dataFolder: string, minutesAgo: Readonly<Record<number, number>>) => {
  const usedAt = Object.fromEntries(
    (await images()).map(({ Id, RepoDigests }) => {
      const n = digests.findIndex((_, at) => RepoDigests?.includes(nameOf(at)))
      return [Id, Date.now() - (minutesAgo[n] ?? 60) * 60_000]
    }),
  )
  writeFileSync(join(dataFolder, "images.json"), JSON.stringify({ usedAt, removed: [] }))
}

const keeping = (more: Partial<ImageKeeping>): ImageKeeping => ({
  registry: registry(),
  needed: [digests[1]!],
  kept: [digests[2]!],
  bytesMost: null,
  diskPercent: 100,
  ...more,
})

/** The part of an agent that this is about. `refused`: the engine does not remove that one. */
const startAgent = async (dataFolder: string, refused: () => string | null = () => null) => {
  const scope = Scope.makeUnsafe()
  onTestFinished(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const picky = Layer.effect(
    ImageEngine,
    Effect.map(ImageEngine, (real) => ({
      ...real,
      // Whatever machine this runs on: room is the budget's matter.
      disk: Effect.succeed({ folder: "/", total: 100e9, used: 50e9, free: 50e9 }),
      remove: (name: string) =>
        name === refused()
          ? Effect.fail(new EngineError({ operation: "remove image", reason: "no answer in 60 s" }))
          : real.remove(name),
    })),
  ).pipe(Layer.provide(ImageEngine.layer))
  const context = await Effect.runPromise(
    Layer.buildWithScope(
      ImageRemoval.layer.pipe(
        Layer.provideMerge(DesiredState.layer),
        Layer.provide(Layer.merge(picky, Logger.layer([]))),
        Layer.provide(Layer.succeed(AgentConfig, settings({ dataFolder, dockerSocket: engine().socket }))),
      ),
      scope,
    ),
  )
  const { observed } = Context.get(context, ImageRemoval)
  const want = (more: Partial<ImageKeeping>) =>
    Effect.runPromise(Context.get(context, DesiredState).accept({ ...nothing, images: keeping(more) }))
  return { observed, want }
}

const patiently = { timeout: 20_000 }

describe("a worker", () => {
  it("removes what nothing needs, the least lately used first, and what it goes back to at last", async () => {
    const dataFolder = mkdtempSync(join(folder, "agent-"))
    await writeUses(dataFolder, { 2: 90, 3: 80, 4: 70, 5: 60, 6: 50, 7: 1 })
    const agent = await startAgent(dataFolder)
    await agent.want({})
    await expect.poll(() => agent.observed()?.count, patiently).toBe(imagesCount)
    const all = agent.observed()!
    expect(all).toMatchObject({ spare: 5, removed: [], problem: null })
    expect(all.bytes).toBeGreaterThan(imagesCount * MB)
    // Two have to go, then all that may.
    await agent.want({ bytesMost: all.bytes - 1.5 * MB })
    await expect.poll(here, patiently).toEqual([0, 1, 2, 5, 6, 7])
    await expect.poll(() => agent.observed()?.spare, patiently).toBe(3)
    await agent.want({ bytesMost: 0 })
    await expect.poll(() => agent.observed()?.spare, patiently).toBe(0)
    // In use, needed, new; and an administrator's own.
    expect(await here()).toEqual([0, 1, 7])
    expect((await images()).flatMap(({ RepoTags }) => RepoTags ?? [])).toEqual([BUSYBOX])
    const { removed } = agent.observed()!
    expect(removed.map(({ digest }) => digests.indexOf(digest))).toEqual([2, 6, 5, 4, 3])
    for (const { freedBytes } of removed) expect(freedBytes).toBeGreaterThan(0.9 * MB)
  })

  it("tells which one it cannot remove, goes on with the others, and needs nothing while there is room", async () => {
    const dataFolder = mkdtempSync(join(folder, "agent-"))
    await writeUses(dataFolder, {})
    const agent = await startAgent(dataFolder, () => nameOf(3))
    await agent.want({ bytesMost: 1e12 })
    await expect.poll(() => agent.observed()?.spare, patiently).toBe(6)
    expect((await here()).length).toBe(imagesCount)
    await agent.want({ bytesMost: 0 })
    await expect.poll(here, patiently).toEqual([0, 1, 3])
    await expect.poll(() => agent.observed()?.problem, patiently).toBe("no answer in 60 s")
  })

  it("removes what came from an address that the registry had before, if it was told of that, and nobody else's", async () => {
    const moved = { registry: "moved.example:5000", needed: [], kept: [], bytesMost: 0 }
    const strange = mkdtempSync(join(folder, "agent-"))
    await writeUses(strange, {})
    const stranger = await startAgent(strange)
    await stranger.want(moved)
    await expect.poll(() => stranger.observed(), patiently).toMatchObject({ count: 0, spare: 0, bytes: 0 })

    const dataFolder = mkdtempSync(join(folder, "agent-"))
    await writeUses(dataFolder, { 7: 1 })
    await engine().docker.getImage(nameOf(6)).tag({ repo: "mine", tag: "1" })
    const before = await startAgent(dataFolder)
    await before.want({ bytesMost: 1e12 })
    await expect.poll(() => before.observed()?.count, patiently).toBe(imagesCount - 1)
    expect(await here()).toHaveLength(imagesCount)
    // As after a restart: what it was told is in its folder.
    const after = await startAgent(dataFolder)
    await after.want(moved)
    await expect.poll(() => after.observed()?.spare, patiently).toBe(0)
    await expect.poll(here, patiently).toEqual([0, 6, 7])
    expect(after.observed()).toMatchObject({ count: 2, problem: null })
    const { removed } = after.observed()!
    expect(removed.map(({ digest }) => digests.indexOf(digest)).toSorted()).toEqual([1, 2, 3, 4, 5])
  })

  it("that is killed in the middle, again and again, has removed only what it may, and ends it right", async () => {
    const dataFolder = mkdtempSync(join(folder, "agent-"))
    await writeUses(dataFolder, { 7: 1 })
    const program = join(import.meta.dirname, "../../agent/test/imagesProgram.ts")
    const [wanted, socket] = [JSON.stringify(keeping({ bytesMost: 0 })), engine().socket]
    const left: Array<number> = []
    for (let went = 1; went <= 2; went++) {
      const before = (await here()).length
      const child = spawn(process.execPath, [...runArguments(program), dataFolder, socket, wanted], {
        stdio: ["ignore", "ignore", "inherit"],
      })
      const ended = new Promise((resolve) => child.once("exit", resolve))
      await expect.poll(async () => (await here()).length, { ...patiently, interval: 5 }).toBeLessThan(before)
      process.kill(child.pid!, "SIGKILL")
      await ended
      left.push((await here()).length)
      expect(await here()).toEqual(expect.arrayContaining([0, 1, 7]))
    }
    expect(left.at(-1)).toBeLessThan(imagesCount)
    const agent = await startAgent(dataFolder)
    await agent.want({ bytesMost: 0 })
    await expect.poll(here, patiently).toEqual([0, 1, 7])
    await expect.poll(() => agent.observed()?.spare, patiently).toBe(0)
  })
})
