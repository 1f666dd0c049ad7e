import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { networkInterfaces } from "node:os"
import { gzipSync } from "node:zlib"

/* For tests: a registry with one image, as a mirror of Docker Hub is asked for it. */

const digestOf = (bytes: string | Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`

/** An address of this machine that is none of loopback: an engine asks its proxy for no other. */
export const ownAddress = () =>
  Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal)?.address ?? null

/** `layer` is a tar. What is asked for is remembered. `login`: `<user>:<password>`, and nobody else gets anything. */
export const serveBaseImage = async (address: string, layer: Buffer, login: string | null = null) => {
  const basic = login === null ? null : `Basic ${Buffer.from(login).toString("base64")}`
  const asked: Array<string> = []
  const packed = gzipSync(layer)
  const config = JSON.stringify({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  })
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json"
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      size: config.length,
      digest: digestOf(config),
    },
    layers: [
      {
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        size: packed.length,
        digest: digestOf(packed),
      },
    ],
  })
  const blobs = new Map<string, string | Buffer>(
    [config, packed, manifest].map((bytes) => [digestOf(bytes), bytes]),
  )
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://x").pathname
    asked.push(path)
    if (basic !== null && request.headers.authorization !== basic)
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="base images"' }).end()
    if (path === "/v2/") return void response.end("{}")
    const name = path.split("/").at(-1)!
    const found = path.includes("/library/base/") ? (name === "1" ? manifest : blobs.get(name)) : undefined
    if (found === undefined) return void response.writeHead(404).end()
    if (found === manifest) response.setHeader("content-type", mediaType)
    response.setHeader("docker-content-digest", digestOf(found))
    response.setHeader("content-length", Buffer.byteLength(found))
    response.end(request.method === "HEAD" ? undefined : found)
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return { url: `http://${address}:${(server.address() as AddressInfo).port}`, asked, server }
}
