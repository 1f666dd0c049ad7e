import { execFile, spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { until } from "./until.ts"

/* For tests: somebody else's registry, Debian's `docker-registry`, on loopback. */

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export const registryLogin = { username: "robot", password: "a-secret-of-a-test" }
/** Of that password: it takes bcrypt only. */
const passwordHash = "$2b$04$wLVNpxiPMuY/bpxTfigHP.sFoOsKgAyc85dIIt48028hlPdGil3lu"

/** `closed`: it asks for `registryLogin`. */
export const openImageRegistry = async (closed = false) => {
  const folder = await mkdtemp(join(tmpdir(), "skypanel-registry-"))
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const config = {
    version: "0.1",
    log: { accesslog: { disabled: false }, level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: { addr: address },
    ...(closed && { auth: { htpasswd: { realm: "test", path: join(folder, "htpasswd") } } }),
  }
  await writeFile(join(folder, "htpasswd"), `${registryLogin.username}:${passwordHash}\n`)
  // YAML has JSON in it.
  await writeFile(join(folder, "config.yml"), JSON.stringify(config))
  const program = spawn("docker-registry", ["serve", join(folder, "config.yml")], {
    stdio: ["ignore", "pipe", "ignore"],
  })
  const ended = new Promise((resolve) => program.once("close", resolve))
  let log = ""
  program.stdout.on("data", (text) => {
    log += text
  })
  const basic = `Basic ${Buffer.from(`${registryLogin.username}:${registryLogin.password}`).toString("base64")}`
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://${address}/v2/${path}`, { ...init, headers: { authorization: basic, ...init.headers } })
  await until("the registry answers", async () => ((await ask("")).ok ? true : null))
  return {
    address,
    ask,
    /** What it was asked for since: method and path. */
    takeRequests: (): ReadonlyArray<string> => {
      const lines = [...log.matchAll(/"(GET|HEAD) (\/v2\/\S+) HTTP/g)].map(
        ([, method, path]) => `${method} ${path}`,
      )
      log = ""
      return lines
    },
    /** An image as `skopeo` has it in a folder. */
    push: async (from: string, name: string) => {
      const login = closed ? [`--dest-creds=${registryLogin.username}:${registryLogin.password}`] : []
      const to = `docker://${address}/${name}`
      await promisify(execFile)("skopeo", [
        ...["--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", ...login],
        ...[`dir:${from}`, to],
      ])
    },
    close: async () => {
      program.kill("SIGKILL")
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type ImageRegistry = Awaited<ReturnType<typeof openImageRegistry>>
