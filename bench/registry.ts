import { mkdirSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import Docker from "dockerode"
import type { PublishedImage } from "../platform/src/artifacts/publishedImage.ts"
import { run } from "./processes.ts"
import { name, withPublishedImage } from "./publishedImage.ts"
import { startRegistry } from "./registryServer.ts"
import { type Row, rowOf } from "./row.ts"

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
export const registryPull = (dockerSocket: string, runs: number): Promise<ReadonlyArray<Row>> =>
  withPublishedImage(async ({ server, image, password, folder }) => {
    mkdirSync(join(folder, "theirs"))
    const registry = await startRegistry(join(folder, "theirs"))
    try {
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
      await registry.stop()
    }
  })
