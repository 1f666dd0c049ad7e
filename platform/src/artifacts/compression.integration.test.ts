import { execFile, spawn } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { type IncomingMessage, request, type ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { promisify } from "node:util"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useEngine, usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { addApplications, credentialOf, publish, repository } from "../../test/publisher.ts"
import type { PublishedImage } from "./publishedImage.ts"

const run = promisify(execFile)
const postgres = usePostgres()
const engine = useEngine()
const folder = mkdtempSync(join(tmpdir(), "skypanel-compression-"))
const name = repository("svc_shop")
let server: ArtifactServer
let image: PublishedImage
let credential: string
let databaseUrl: string
/** What was sent of the image's layers, and how. */
const sent: Array<{ digest: string; encoding: string }> = []

const get = (
  digest: string,
  headers: Record<string, string> = {},
  host = engine().hostAddress,
  { port } = server,
) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      host,
      port,
      path: `/v2/${name}/blobs/${digest}`,
      auth: credential,
      headers,
    }
    request(options, resolve).on("error", reject).end()
  })
const read = async (...asked: Parameters<typeof get>) => {
  const answer = await get(...asked)
  return { answer, headers: answer.headers, bytes: await buffer(answer) }
}
/** The layer of 20 MB and the one of 9 MB, which hardly compress. */
const [largest, other] = [() => image.layers[1]!, () => image.layers[2]!]

const note = (asked: IncomingMessage, answer: ServerResponse) => {
  const digest = /\/blobs\/(sha256:.*)$/.exec(asked.url ?? "")?.[1]
  if (digest !== undefined)
    answer.once("finish", () =>
      sent.push({ digest, encoding: String(answer.getHeader("Content-Encoding") ?? "identity") }),
    )
}

beforeAll(async () => {
  databaseUrl = await postgres().database()
  server = await startArtifactServer(databaseUrl, {
    compressions: 1,
    keptLayerBytes: 0,
  })
  await addApplications(server)
  image = await publish(server, "svc_shop", "shop")
  const { username, password } = await credentialOf(server, name)
  credential = `${username}:${password}`
  server.server.prependListener("request", note)
})
beforeEach(() => {
  sent.length = 0
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("a layer", () => {
  it.each([
    ["zstd", zstdDecompressSync],
    ["gzip", gunzipSync],
  ] as const)("goes as %s to who asks for that, and is the same bytes", async (encoding, decompress) => {
    const { digest, size } = largest()
    const raw = await read(digest)
    expect(raw.headers).toMatchObject({ "content-length": String(size), vary: "Accept-Encoding" })
    const { headers, bytes } = await read(digest, { "Accept-Encoding": encoding })
    expect(headers).toMatchObject({
      "content-encoding": encoding,
      "docker-content-digest": digest,
      vary: "Accept-Encoding",
    })
    expect(headers["content-length"]).toBeUndefined()
    expect(headers.etag).not.toBe(raw.headers.etag)
    expect(bytes.length).toBeLessThan(size)
    expect(decompress(bytes).equals(raw.bytes)).toBe(true)
    const again = await read(digest, { "Accept-Encoding": encoding, "If-None-Match": headers.etag! })
    expect(again.answer.statusCode).toBe(304)
  })

  it("goes as it is in parts, to who asks for nothing, and to this machine", async () => {
    const { digest, size } = largest()
    const part = await read(digest, { "Accept-Encoding": "gzip", Range: "bytes=512-1023" })
    expect(part.answer.statusCode).toBe(206)
    expect(part.headers["content-range"]).toBe(`bytes 512-1023/${size}`)
    for (const raw of [
      part,
      await read(digest),
      await read(digest, { "Accept-Encoding": "gzip" }, "127.0.0.1"),
    ])
      expect(raw.headers["content-encoding"]).toBeUndefined()
  })

  it("goes as it is while as many as may be are compressed, also when their readers leave", async () => {
    const gzip = { "Accept-Encoding": "gzip" }
    const reading = await get(largest().digest, gzip)
    expect(reading.headers["content-encoding"]).toBe("gzip")
    const meanwhile = await read(other().digest, gzip)
    expect(meanwhile.headers["content-encoding"]).toBeUndefined()
    expect(meanwhile.bytes.length).toBe(other().size)
    reading.destroy()
    await until("the next to be compressed", async () =>
      (await read(other().digest, gzip)).headers["content-encoding"] === "gzip" ? true : null,
    )
  })
})

describe("a layer that was asked for twice", () => {
  let keeping: ArtifactServer
  const nars = () => join(server.dataFolder, "artifacts/nar")
  const layersFolder = () => join(server.dataFolder, "artifacts/layers")
  const open = async () => {
    keeping = await startArtifactServer(databaseUrl, {
      dataFolder: server.dataFolder,
      compressions: 1,
      keptLayerBytes: 200_000_000,
    })
  }
  const ask = (digest: string, headers: Record<string, string> = {}) =>
    read(digest, headers, undefined, keeping)
  /** Asked until it comes from its file. */
  const isKept = (digest: string, form: string) =>
    until(`${digest} is kept as ${form}`, async () => {
      await ask(digest, { "Accept-Encoding": form })
      const file = `${digest.slice("sha256:".length)}.${form === "identity" ? "tar" : form}`
      return existsSync(join(layersFolder(), file)) || null
    })
  beforeAll(open)
  afterAll(() => keeping.close())

  it.each([
    ["identity", (bytes: Buffer) => bytes],
    ["zstd", zstdDecompressSync],
    ["gzip", gunzipSync],
  ] as const)("is kept as %s, and sent without being made", async (form, decompress) => {
    const { digest } = largest()
    const made = (await read(digest)).bytes
    await isKept(digest, form)
    renameSync(nars(), `${nars()}-away`)
    try {
      const { headers, bytes } = await ask(digest, { "Accept-Encoding": form })
      expect(headers["content-length"]).toBe(String(bytes.length))
      expect(headers["content-encoding"]).toBe(form === "identity" ? undefined : form)
      expect(decompress(bytes).equals(made)).toBe(true)
      if (form !== "identity") return
      const part = await ask(digest, { Range: `bytes=${made.length - 1000}-` })
      expect(part.answer.statusCode).toBe(206)
      expect(part.bytes.equals(made.subarray(-1000))).toBe(true)
    } finally {
      renameSync(`${nars()}-away`, nars())
    }
  })

  it("leaves nothing of itself when the client goes away, nor takes the others' processor", async () => {
    const { digest } = other()
    const headers = { "Accept-Encoding": "gzip" }
    await ask(digest, headers)
    for (let round = 0; round < 3; round++) {
      const answer = await get(digest, headers, undefined, keeping)
      expect(answer.headers["content-encoding"]).toBe("gzip")
      await new Promise((resolve) => answer.once("data", resolve))
      answer.destroy()
      await until(
        "its file is gone",
        async () => readdirSync(layersFolder()).every((file) => !file.includes(digest.slice(7))) || null,
      )
    }
    await isKept(digest, "gzip")
    const open = () =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(layersFolder())
        } catch {
          return false
        }
      })
    const answer = await get(digest, headers, undefined, keeping)
    await new Promise((resolve) => answer.once("data", resolve))
    answer.destroy()
    await until("its file is closed", async () => open().length === 0 || null)
  })

  it("is made again after a start, and where its file has gone or is cut off", async () => {
    const { digest } = largest()
    const file = join(layersFolder(), `${digest.slice("sha256:".length)}.zstd`)
    const size = statSync(file).size
    truncateSync(file, 1000)
    expect((await ask(digest, { "Accept-Encoding": "zstd" })).bytes.length).toBe(size)
    await isKept(digest, "zstd")
    rmSync(file)
    expect((await ask(digest, { "Accept-Encoding": "zstd" })).bytes.length).toBe(size)
    await keeping.close()
    await open()
    expect(existsSync(layersFolder())).toBe(false)
    expect((await ask(digest, { "Accept-Encoding": "zstd" })).bytes.length).toBe(size)
  })
})

describe("real clients", () => {
  const largestSent = () => sent.find(({ digest }) => digest === largest().digest)?.encoding

  it("an engine, with every digest checked", async () => {
    const { docker, hostAddress } = engine()
    const serveraddress = `${hostAddress}:${server.port}`
    const [username, password] = credential.split(":")
    const stream = await docker.pull(`${serveraddress}/${name}@${image.digest}`, {
      authconfig: { username, password, serveraddress },
    })
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
    )
    // One at a time is compressed; the engine asks for three.
    expect(sent.map(({ encoding }) => encoding)).toContain("gzip")
  })

  it("skopeo", async () => {
    const from = `docker://${engine().hostAddress}:${server.port}/${name}:latest`
    const options = ["--src-tls-verify=false", "--src-creds", credential]
    await run("skopeo", ["copy", ...options, from, `dir:${join(folder, "copy")}`])
    expect(sent.map(({ encoding }) => encoding)).toContain("gzip")
  })

  it("containerd", async () => {
    const at = join(folder, "containerd")
    mkdirSync(at)
    const config = join(at, "config.toml")
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
    const socket = join(at, "socket")
    const folders = ["--root", join(at, "root"), "--state", join(at, "state"), "--address", socket]
    const daemon = spawn("containerd", ["--config", config, ...folders], { stdio: "ignore" })
    try {
      const ctr = (...args: ReadonlyArray<string>) => run("ctr", ["--address", socket, ...args])
      await until("containerd to answer", async () =>
        ctr("version").then(
          () => true,
          () => null,
        ),
      )
      const reference = `${engine().hostAddress}:${server.port}/${name}@${image.digest}`
      await ctr("content", "fetch", "--plain-http", "--user", credential, reference)
      const { stdout } = await ctr("content", "ls", "-q")
      for (const { digest } of image.layers) expect(stdout).toContain(digest)
      expect(sent.map(({ encoding }) => encoding)).toContain("gzip")
      expect(largestSent()).toBeDefined()
    } finally {
      daemon.kill()
    }
  })
})
