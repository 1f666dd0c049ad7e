import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { until } from "./processes.ts"

export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })

export interface RegistryServer {
  /** `host:port`, as image names begin. */
  readonly address: string
  readonly stop: () => Promise<void>
}

/** Debian's docker-registry on loopback, its data in `directory`. */
export const startRegistry = async (directory: string): Promise<RegistryServer> => {
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const file = join(directory, "registry.yml")
  const storage = {
    filesystem: { rootdirectory: join(directory, "registry") },
    cache: { blobdescriptor: "inmemory" },
  }
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ version: 0.1, log: { level: "error" }, storage, http: { addr: address } }),
  )
  const child = spawn("docker-registry", ["serve", file], { stdio: "ignore" })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  child.once("error", () => {})
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  await until(
    "docker-registry to answer",
    performance.now(),
    async () => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error("docker-registry did not start")
      return fetch(`http://${address}/v2/`).then(
        (response) => response.status === 200,
        () => false,
      )
    },
    { seconds: 20 },
  )
  return {
    address,
    stop: async () => {
      child.kill("SIGTERM")
      await ended
      process.off("exit", kill)
    },
  }
}

interface Manifest {
  readonly config: { readonly digest: string; readonly size: number }
  readonly layers: ReadonlyArray<{ readonly digest: string; readonly size: number }>
}

/** What of an image has to be transferred, by digest: config and layers. */
export const blobsOf = async (
  registry: string,
  repository: string,
  tag: string,
): Promise<Map<string, number>> => {
  const response = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, {
    headers: {
      accept:
        "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
    },
  })
  const manifest = (await response.json()) as Manifest
  return new Map([manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]))
}
