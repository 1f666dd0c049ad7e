import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import Docker from "dockerode"
import { Effect, Exit, Scope } from "effect"
import { ensureDatabase, startPostgres } from "../dev/postgres.ts"
import { Images, type PublishedImage } from "../platform/src/artifacts/Images.ts"
import { type ArtifactServer, startArtifactServer } from "../platform/test/artifactServer.ts"
import { makeNixStore } from "../platform/test/nixStore.ts"
import { credentialOf, organizationId, repository } from "../platform/test/publisher.ts"
import { run } from "./processes.ts"
import { startRegistry } from "./registryServer.ts"
import { type Row, rowOf } from "./row.ts"

const checkout = dirname(import.meta.dirname)
const service = "svc_bench"
const name = repository(service)

/** Programs and many small files, as an application's closure has them: Node.js, npm packages. */
const folders = {
  "nodejs-24": join(checkout, "node_modules", "node", "bin"),
  "effect-4": join(checkout, "node_modules", "effect"),
  "playwright-core-1": join(checkout, "node_modules", "playwright-core"),
  "vite-8": join(checkout, "node_modules", "vite"),
}

const publishImage = async (server: ArtifactServer): Promise<PublishedImage> => {
  const nix = makeNixStore()
  try {
    const paths: Array<string> = []
    for (const [title, folder] of Object.entries(folders)) paths.push(await nix.addFolder(title, folder))
    const top = await nix.write("application", "starts ", paths)
    await nix.copyTo(`${server.pushUrl}?compression=zstd`, top)
    const command = [`${paths[0]}/node`, top]
    const publication = { organizationId, serviceId: service, storePath: top, command }
    return await server.runtime.runPromise(Effect.flatMap(Images, (images) => images.publish(publication)))
  } finally {
    nix.remove()
  }
}

interface Source {
  readonly address: string
  readonly password: string
}

/** Milliseconds of a pull by an engine that has none of it. */
const coldPull = async (docker: Docker, from: Source, digest: string): Promise<number> => {
  const reference = `${from.address}/${name}@${digest}`
  const authconfig = { username: name, password: from.password, serveraddress: from.address }
  const begun = performance.now()
  const stream = await docker.pull(reference, { authconfig })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  )
  const took = performance.now() - begun
  await docker.getImage(reference).remove({ force: true })
  return took
}

/** Milliseconds to read all layers from the registry and throw them away: what it can deliver at most. */
const readLayers = async (from: Source, layers: PublishedImage["layers"]): Promise<number> => {
  const begun = performance.now()
  const auth = `${name}:${from.password}`
  await Promise.all(
    layers.map(
      ({ digest, size }) =>
        new Promise<void>((resolve, reject) => {
          request(`http://${from.address}/v2/${name}/blobs/${digest}`, { auth }, (response) => {
            let left = size
            response.on("data", (bytes: Buffer) => {
              left -= bytes.length
            })
            response.on("error", reject)
            response.on("end", () => (left === 0 ? resolve() : reject(new Error(`${digest} is not whole`))))
          })
            .on("error", reject)
            .end()
        }),
    ),
  )
  return performance.now() - begun
}

const measure = async (ours: Source, theirs: Source, image: PublishedImage, docker: Docker, runs: number) => {
  const pulls = []
  const reads = []
  const megabytes = image.totalBytes / 1e6
  for (let round = 0; round < runs; round++) {
    pulls.push({
      ours: (await coldPull(docker, ours, image.digest)) / 1000,
      theirs: (await coldPull(docker, theirs, image.digest)) / 1000,
    })
    reads.push({
      ours: (await readLayers(ours, image.layers)) / 1000,
      theirs: (await readLayers(theirs, image.layers)) / 1000,
    })
  }
  const what = `${megabytes.toFixed(0)} MB in ${image.layers.length} layers`
  return [
    rowOf(`pull of a cold image (${what}) against docker-registry`, "s", pulls),
    rowOf(`the same layers read from the registry alone (${what})`, "s", reads),
  ]
}

/**
 * Pulls an image that the engine does not have from our registry, which makes the layers as they are asked for, and
 * from Debian's docker-registry, which has the same layers on its disk.
 */
export const registryPull = async (dockerSocket: string, runs: number): Promise<ReadonlyArray<Row>> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-registry-"))
  const scope = Effect.runSync(Scope.make())
  const closing: Array<() => Promise<void>> = []
  try {
    const database = await Effect.runPromise(
      startPostgres({ directory: join(folder, "postgres"), durable: false }).pipe(
        Effect.tap((postgres) => ensureDatabase(postgres, "bench")),
        Scope.provide(scope),
        Effect.provide(NodeServices.layer),
      ),
    )
    const server = await startArtifactServer(database.urlOf("bench"))
    closing.push(server.close)
    mkdirSync(join(folder, "theirs"))
    const registry = await startRegistry(join(folder, "theirs"))
    closing.push(registry.stop)
    const image = await publishImage(server)
    const { password } = await credentialOf(server, name)
    const to = `docker://${registry.address}/${name}:latest`
    const credentials = [
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      "--src-creds",
      `${name}:${password}`,
    ]
    await run("skopeo", [
      "copy",
      "--preserve-digests",
      ...credentials,
      `docker://${server.address}/${name}:latest`,
      to,
    ])
    const theirs = { address: registry.address, password: "" }
    const docker = new Docker({ socketPath: dockerSocket })
    return await measure({ address: server.address, password }, theirs, image, docker, runs)
  } finally {
    for (const close of closing.toReversed()) await close()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(folder, { recursive: true, force: true })
  }
}
