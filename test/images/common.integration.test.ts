import { mkdtempSync, rmSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { Builder } from "../../agent/src/builder/Builder.ts"
import { AgentConfig } from "../../agent/src/config.ts"
import { DesiredState, nothing } from "../../agent/src/desired/DesiredState.ts"
import { ImageEngine } from "../../agent/src/engine/ImageEngine.ts"
import { CommonImages } from "../../agent/src/images/CommonImages.ts"
import { Observer } from "../../agent/src/observer/Observer.ts"
import { watch } from "../../agent/test/containers.ts"
import { settings } from "../../agent/test/edge.ts"
import {
  commonRepository,
  listCommonImages,
  refreshCommonImages,
} from "../../platform/src/artifacts/common/commonImages.ts"
import { type ArtifactServer, startArtifactServer } from "../../platform/test/artifactServer.ts"
import { addRelease, addService } from "../../platform/test/collection.ts"
import { addApplications, credentialOf, publish, repository } from "../../platform/test/publisher.ts"
import { useEngine, usePostgres } from "../lab/fixtures.ts"

/** A worker's agent, a real engine and a real registry: what services have in common is there before it is needed. */

const postgres = usePostgres()
const engine = useEngine()
const folder = mkdtempSync(join(tmpdir(), "skypanel-common-"))
let server: ArtifactServer
let digest: string
let bytes: number

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  await addApplications(server)
  for (const [service, name] of [
    ["svc_shop", "shop"],
    ["svc_blog", "blog"],
  ] as const) {
    const image = await publish(server, service, name)
    await addService(server, service)
    await addRelease(server, service, 1, image.digest)
  }
  await server.runtime.runPromise(refreshCommonImages(10 ** 9))
  const [image] = await server.runtime.runPromise(listCommonImages)
  digest = image!.digest
  bytes = image!.bytes
})
afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const host = () => `${engine().hostAddress}:${server.port}`
const blobs = () => server.requests.filter((each) => each.includes("/blobs/"))

/** The part of an agent that this is about; everything else of it does nothing. */
const startAgent = async () => {
  const config = settings({ dataFolder: mkdtempSync(join(folder, "agent-")), dockerSocket: engine().socket })
  const scope = Scope.makeUnsafe()
  let looks = 0
  const counting = Layer.effect(
    ImageEngine,
    Effect.map(ImageEngine, (real) => ({
      ...real,
      digests: (name: string) =>
        Effect.andThen(
          Effect.sync(() => looks++),
          real.digests(name),
        ),
    })),
  ).pipe(Layer.provide(ImageEngine.layer))
  onTestFinished(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const context = await Effect.runPromise(
    Layer.buildWithScope(
      CommonImages.layer.pipe(
        Layer.provideMerge(DesiredState.layer),
        Layer.provide(Layer.mergeAll(counting, Observer.layerNone, Builder.layerNone)),
        Layer.provide(Layer.succeed(AgentConfig, config)),
      ),
      scope,
    ),
  )
  const desired = Context.get(context, DesiredState)
  const login = await credentialOf(server, commonRepository)
  return {
    looks: () => looks,
    present: Context.get(context, CommonImages).present,
    want: (digests: ReadonlyArray<string>, busy = false) => {
      const images = digests.map((each) => ({ digest: each, bytes }))
      const common = { repository: `${host()}/${commonRepository}`, ...login, images }
      const placements = busy ? [watch(1, 3000, null)] : []
      return Effect.runPromise(desired.accept({ ...nothing, common, placements }))
    },
  }
}

const pull = async (service: string, image: string) => {
  const name = repository(service)
  const authconfig = { ...(await credentialOf(server, name)), serveraddress: host() }
  const { docker } = engine()
  const stream = await docker.pull(`${host()}/${name}@${image}`, { authconfig })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  )
}

beforeEach(async () => {
  const { docker } = engine()
  for (const { Id } of await docker.listImages()) await docker.getImage(Id).remove({ force: true })
  server.requests.length = 0
})

describe("a worker", () => {
  it("has what services have in common, so that a service's first image brings only what is its own", async () => {
    const agent = await startAgent()
    await agent.want([digest])
    await expect.poll(agent.present, { timeout: 20_000 }).toEqual([digest])
    const { digest: image, layers, configDigest } = await publish(server, "svc_shop", "shop-next")
    server.requests.length = 0
    await pull("svc_shop", image)
    const own = [configDigest, layers.at(-1)!.digest]
    expect(
      blobs()
        .map((each) => each.split("/").at(-1))
        .toSorted(),
    ).toEqual(own.toSorted())
    // What nobody wants any more goes, and takes nothing from the service's image.
    await agent.want([])
    await expect.poll(agent.present, { timeout: 20_000 }).toEqual([])
    const left = await engine().docker.listImages()
    expect(left.flatMap(({ RepoDigests }) => RepoDigests)).toEqual([
      `${host()}/${repository("svc_shop")}@${image}`,
    ])
  })

  it("fetches nothing while something of a customer's is to start, and lets go when that comes in between", async () => {
    const agent = await startAgent()
    let cut = false
    const stall = (asked: IncomingMessage, response: ServerResponse) => {
      if (!asked.url?.includes("/blobs/")) return
      response.once("close", () => {
        cut = true
      })
      const write = response.write.bind(response) as (bytes: Buffer) => boolean
      let sent = 0
      response.write = ((bytes: Buffer) => {
        sent += bytes.length
        return sent < 300_000 && write(bytes)
      }) as typeof response.write
      response.end = () => response
    }
    server.server.prependListener("request", stall)
    onTestFinished(() => void server.server.removeListener("request", stall))
    await agent.want([digest])
    await expect.poll(blobs, { timeout: 20_000 }).not.toEqual([])
    await agent.want([digest], true)
    await expect.poll(() => cut, { timeout: 10_000 }).toBe(true)
    server.server.removeListener("request", stall)
    server.requests.length = 0
    // It looks again, since something else is wanted.
    const before = agent.looks()
    await agent.want([digest, `sha256:${"0".repeat(64)}`], true)
    await expect.poll(agent.looks, { timeout: 10_000 }).toBeGreaterThan(before)
    expect(server.requests).toEqual([])
    await agent.want([digest])
    await expect.poll(agent.present, { timeout: 20_000 }).toEqual([digest])
  })
})
