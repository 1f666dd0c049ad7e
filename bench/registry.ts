import { mkdirSync } from "node:fs"
import { join } from "node:path"
import Docker from "dockerode"
import type { PublishedImage } from "../platform/src/artifacts/publishedImage.ts"
import { run } from "./processes.ts"
import { name, withPublishedImage } from "./publishedImage.ts"
import { readAll } from "./readers.ts"
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
const readLayers = (folder: string, { address, password }: Source, { layers }: PublishedImage) =>
  readAll(folder, {
    origin: `http://${address}`,
    credential: { username: name, password },
    paths: layers.map(({ digest }) => `/v2/${name}/blobs/${digest}`),
  })

interface Measured {
  readonly ours: Source
  readonly theirs: Source
  readonly image: PublishedImage
  readonly docker: Docker
  readonly folder: string
}

const measure = async ({ ours, theirs, image, docker, folder }: Measured, runs: number) => {
  const pulls = []
  const reads = []
  const megabytes = image.totalBytes / 1e6
  for (let round = 0; round < runs; round++) {
    pulls.push({
      ours: (await coldPull(docker, ours, image.digest)) / 1000,
      theirs: (await coldPull(docker, theirs, image.digest)) / 1000,
    })
    reads.push({
      ours: (await readLayers(folder, ours, image)) / 1000,
      theirs: (await readLayers(folder, theirs, image)) / 1000,
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
      const ours = { address: server.address, password }
      return await measure({ ours, theirs, image, docker, folder }, runs)
    } finally {
      await registry.stop()
    }
  })
