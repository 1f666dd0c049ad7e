import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type AddressInfo, createConnection } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { Registry } from "../../agent/src/builder/image/Registry.ts"
import type { Way } from "../../agent/src/builder/image/RegistryRequest.ts"
import type { ImageOfBlobs, LayerFile } from "../../agent/src/builder/image/UploadImage.ts"
import { query } from "../../platform/test/collection.ts"
import { usePostgres } from "../lab/fixtures.ts"
import { digestOf, makeImage } from "./makeImage.ts"
import { type MirrorBench, openMirrorBench } from "./mirrorBench.ts"

/** A registry that answers whatever it likes, and a builder that has to end well all the same. */

const postgres = usePostgres()
const folder = mkdtempSync(join(tmpdir(), "skypanel-hostile-"))
let bench: MirrorBench
let image: ImageOfBlobs<LayerFile>
let registry: Server
let canary: Server
let canaryAsked: Array<string> = []

type Answer = (request: IncomingMessage, response: ServerResponse) => void
/** By the end of the path; what is not here is answered as an honest registry would. */
let answers: Readonly<Record<string, Answer>> = {}
let asked: Array<{ readonly path: string; readonly authorization: string | undefined }> = []

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return (server.address() as AddressInfo).port
}
const portOf = (server: Server) => (server.address() as AddressInfo).port

const send = (response: ServerResponse, body: string | Buffer, type = "application/octet-stream") =>
  void response.writeHead(200, { "content-type": type }).end(body)
const sendManifest = (response: ServerResponse, manifest: string) =>
  send(response, manifest, JSON.parse(manifest).mediaType)

const honest: Answer = (request, response) => {
  const path = request.url ?? ""
  if (path.includes("/manifests/")) return sendManifest(response, image.manifest)
  const digest = path.split("/").at(-1)!
  if (digest === digestOf(image.config)) return send(response, image.config)
  const layer = image.layers.find((each) => each.digest === digest)
  if (layer === undefined) return void response.writeHead(404).end()
  send(response, readFileSync(layer.file))
}

beforeAll(async () => {
  bench = await openMirrorBench(await postgres().database())
  image = makeImage(folder, [
    { a: Buffer.alloc(200_000, "z") },
    { b: Buffer.from(Array.from({ length: 90_000 }, (_, n) => (n * n) % 251)) },
  ])
  canary = createServer((request, response) => {
    canaryAsked.push(request.url ?? "")
    response.end("canary")
  })
  await listen(canary)
  registry = createServer((request, response) => {
    const path = request.url ?? ""
    asked.push({ path, authorization: request.headers.authorization })
    const key = Object.keys(answers).find((each) => path.includes(each))
    ;(key === undefined ? honest : answers[key]!)(request, response)
  })
  await listen(registry)
})
afterAll(async () => {
  await bench?.close()
  for (const server of [registry, canary]) {
    server?.closeAllConnections()
    server?.close()
  }
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  answers = {}
  asked = []
  canaryAsked = []
})

const access = { _tag: "token", username: "robot", token: "a-secret-of-a-test" } as const
const build = async (given: Parameters<MirrorBench["build"]>[1] = null, more = {}) => {
  const { observed, log } = await bench.build(`127.0.0.1:${portOf(registry)}/a/b:1`, given, more)
  expect(JSON.stringify([observed, log])).not.toContain(access.token)
  return { failure: observed.failure, result: observed.result, log }
}
const stored = async () =>
  (await query(bench.server, "select from store_path where base like '%-image.json'")).length
const layerPath = (at: number) => `/blobs/${image.layers[at]!.digest}`
const withLayers = (change: (layers: Array<Record<string, unknown>>) => void) => {
  const manifest = JSON.parse(image.manifest)
  change(manifest.layers)
  return JSON.stringify(manifest)
}
const redirect =
  (to: string): Answer =>
  (_, response) =>
    void response.writeHead(307, { location: to }).end()

describe("a registry that lies", () => {
  const damaged: ReadonlyArray<[string, () => Readonly<Record<string, Answer>>]> = [
    [
      "another layer than its digest says",
      () => ({ [layerPath(1)]: (_, r) => send(r, Buffer.alloc(image.layers[1]!.size)) }),
    ],
    [
      "a layer without end",
      () => ({
        [layerPath(0)]: (_, response) => {
          response.writeHead(200)
          const more = () => {
            while (response.write(Buffer.alloc(65_536)) && !response.destroyed);
          }
          response.on("drain", more)
          more()
        },
      }),
    ],
    [
      "another configuration than its digest says",
      () => ({ [digestOf(image.config)]: (_, r) => send(r, `${image.config} `) }),
    ],
    [
      "another manifest than the header says",
      () => ({
        "/manifests/": (_, response) => {
          response.setHeader("docker-content-digest", `sha256:${"0".repeat(64)}`)
          sendManifest(response, image.manifest)
        },
      }),
    ],
    [
      "an index that leads to an index",
      () => {
        const platform = { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" }
        const mediaType = "application/vnd.oci.image.index.v1+json"
        const inner = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] })
        const outer = JSON.stringify({
          schemaVersion: 2,
          mediaType,
          manifests: [{ digest: digestOf(inner), platform }],
        })
        return {
          [digestOf(inner)]: (_, r) => sendManifest(r, inner),
          "/manifests/1": (_, r) => sendManifest(r, outer),
        }
      },
    ],
    [
      "layers that are no gzip",
      () => {
        const blob = Buffer.from("this is no archive at all")
        const manifest = withLayers((layers) =>
          Object.assign(layers[0]!, { digest: digestOf(blob), size: blob.length }),
        )
        return {
          "/manifests/": (_, r) => sendManifest(r, manifest),
          [`/blobs/${digestOf(blob)}`]: (_, r) => send(r, blob),
        }
      },
    ],
    [
      "a layer of other contents than its configuration says",
      () => {
        const blob = gzipSync("other")
        const manifest = withLayers((layers) =>
          Object.assign(layers[0]!, { digest: digestOf(blob), size: blob.length }),
        )
        return {
          "/manifests/": (_, r) => sendManifest(r, manifest),
          [`/blobs/${digestOf(blob)}`]: (_, r) => send(r, blob),
        }
      },
    ],
  ]
  it.each(damaged)("gives %s: it is refused, and nothing stays", async (_, make) => {
    answers = make()
    const { failure } = await build()
    expect(failure?.code).toBe("image-damaged")
    expect(await stored()).toBe(0)
  })

  it("gives a layer that fills a disk when it is unpacked", async () => {
    const blob = gzipSync(Buffer.alloc(40 * 1024 ** 2))
    const manifest = withLayers((layers) =>
      Object.assign(layers[0]!, { digest: digestOf(blob), size: blob.length }),
    )
    answers = {
      "/manifests/": (_, r) => sendManifest(r, manifest),
      [`/blobs/${digestOf(blob)}`]: (_, r) => send(r, blob),
    }
    expect((await build(null, { imageBytes: 8 * 1024 ** 2 })).failure).toMatchObject({
      code: "image-too-large",
      detail: "Unpacked it takes more than 32 MiB.",
    })
  })

  it("gives one layer over and over, or one that is there with other contents than it says", async () => {
    const tar = Buffer.alloc(2 * 1024 ** 2)
    const blob = gzipSync(tar)
    const lie = async (diffIds: ReadonlyArray<string>) => {
      const config = JSON.stringify({
        ...JSON.parse(image.config),
        rootfs: { type: "layers", diff_ids: diffIds },
      })
      const whole = JSON.parse(image.manifest)
      whole.config = { ...whole.config, digest: digestOf(config), size: config.length }
      whole.layers = diffIds.map(() => ({
        ...whole.layers[0],
        digest: digestOf(blob),
        size: blob.length,
      }))
      answers = {
        "/manifests/": (_, r) => sendManifest(r, JSON.stringify(whole)),
        [digestOf(config)]: (_, r) => send(r, config),
        [`/blobs/${digestOf(blob)}`]: (_, r) => send(r, blob),
      }
      return (await build()).failure
    }
    const right = digestOf(tar)
    expect((await lie(Array(127).fill(right)))?.detail).toContain("more than once")
    expect(await lie([right])).toBeNull()
    expect((await lie([`sha256:${"0".repeat(64)}`]))?.detail).toContain("not what the configuration says")
    expect((await lie([right, right]))?.code).toBe("image-damaged")
    await query(bench.server, "delete from store_path where base like '%-image.json'")
  })

  it.each([
    [
      "a manifest without end",
      (_: IncomingMessage, r: ServerResponse) => {
        r.writeHead(200)
        const more = () => {
          while (r.write(Buffer.alloc(65_536, " ")) && !r.destroyed);
        }
        r.on("drain", more)
        more()
      },
    ],
    ["a page", (_: IncomingMessage, r: ServerResponse) => send(r, "<html>", "text/html")],
    [
      "a manifest of the first kind",
      (_: IncomingMessage, r: ServerResponse) => send(r, '{"schemaVersion":1}'),
    ],
    [
      "layers of another place",
      (_: IncomingMessage, r: ServerResponse) =>
        sendManifest(
          r,
          withLayers((layers) =>
            Object.assign(layers[0]!, {
              mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            }),
          ),
        ),
    ],
  ] satisfies ReadonlyArray<[string, Answer]>)("gives %s", async (_, answer) => {
    answers = { "/manifests/": answer }
    expect((await build()).failure?.code).toBe("registry-failed")
  })
})

describe("a registry that sends elsewhere", () => {
  const places: ReadonlyArray<[string, () => string, string]> = [
    ["this machine", () => `http://127.0.0.1:${portOf(canary)}/x`, "is not open to builds"],
    ["this machine by name", () => `http://localhost:${portOf(canary)}/x`, "is not open to builds"],
    ["the metadata address", () => "http://169.254.169.254/latest/meta-data/", "is not open to builds"],
    ["the metadata address over https", () => "https://169.254.169.254/", "public addresses only"],
    ["a private address", () => "https://10.0.0.1/", "public addresses only"],
    ["another scheme", () => "file:///etc/passwd", "redirects to file:"],
    [
      "itself without end",
      () => `http://127.0.0.1:${portOf(registry)}/v2/a/b/manifests/1`,
      "redirects without end",
    ],
  ]
  it.each(places)("to %s is not followed", async (_, to, why) => {
    answers = { "/manifests/": redirect(to()) }
    const { failure } = await build(access)
    expect(failure?.code).toBe("registry-failed")
    expect(failure?.detail).toContain(why)
    expect(canaryAsked).toEqual([])
  })

  it("for a token is not followed either, and gets no password", async () => {
    const realm = `http://127.0.0.1:${portOf(canary)}/token`
    answers = {
      "/manifests/": (_, r) =>
        void r.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="x"` }).end(),
    }
    expect((await build(access)).failure?.code).toBe("registry-failed")
    expect(canaryAsked).toEqual([])
  })

  it("for a layer or a manifest to who then asks for the password gets none", async () => {
    const other = createServer((request, response) => {
      canaryAsked.push(request.headers.authorization ?? "nobody")
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end()
    })
    const port = await listen(other)
    onTestFinished(() => void other.close())
    const way: Way = {
      connect: async ({ host, port }) => createConnection({ host, port }),
      authorities: "",
    }
    answers = { "/manifests/": redirect(`http://127.0.0.1:${port}/x`) }
    const named = { registry: `127.0.0.1:${portOf(registry)}`, repository: "a/b" }
    const asking = new Registry(way, named, { username: "robot", password: access.token }, true)
    await expect(asking.get("manifests/1", {}, AbortSignal.timeout(5000))).rejects.toMatchObject({
      why: "unauthorized",
    })
    expect(canaryAsked).toEqual(["nobody"])
    expect(asked.map(({ authorization }) => authorization)).toEqual([undefined])
  })

  it.each(["https://127.0.0.1:8443/token", "http://registry.example/token"])(
    "for a token to %s, another port or without TLS, asks nobody",
    async (realm) => {
      answers = {
        "/manifests/": (_, r) =>
          void r.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end(),
      }
      expect((await build(access)).failure?.detail).toMatch(/its place for tokens is/)
    },
  )

  it("to its own place for tokens is asked there with the credential, and then with the token alone", async () => {
    const origin = `http://127.0.0.1:${portOf(registry)}`
    answers = {
      "/token": (_, r) => send(r, JSON.stringify({ token: "short-lived" }), "application/json"),
      "/manifests/": (request, r) =>
        request.headers.authorization === "Bearer short-lived"
          ? sendManifest(r.setHeader("docker-content-digest", digestOf(image.manifest)), image.manifest)
          : void r.writeHead(401, { "www-authenticate": `Bearer realm="${origin}/token",service="x"` }).end(),
    }
    await build(access, { poll: true })
    const basic = `Basic ${Buffer.from(`robot:${access.token}`).toString("base64")}`
    expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, basic, "Bearer short-lived"])
    expect(asked[1]!.path).toContain("scope=repository%3Aa%2Fb%3Apull")
  })
})

describe("a registry that is not well", () => {
  it("and wants to be left alone for long is", async () => {
    answers = { "/manifests/": (_, r) => void r.writeHead(429, { "retry-after": "3600" }).end() }
    expect((await build()).failure?.code).toBe("registry-limited")
    expect(asked).toHaveLength(1)
  })

  it("and answers the second time is asked again, and goes on where a layer broke off", async () => {
    const seen = new Set<string>()
    const first = (key: string) => !seen.has(key) && seen.add(key)
    const parts: Array<string | undefined> = []
    answers = {
      "/manifests/": (request, r) =>
        first("manifest") ? void r.writeHead(429, { "retry-after": "0" }).end() : honest(request, r),
      [layerPath(1)]: (request, response) => {
        const { range } = request.headers
        parts.push(range)
        const bytes = readFileSync(image.layers[1]!.file)
        if (range === undefined) {
          response.writeHead(200, { "content-length": bytes.length })
          response.write(bytes.subarray(0, 100), () => response.destroy())
          return
        }
        response.writeHead(206).end(bytes.subarray(Number(/(\d+)-/.exec(range)![1])))
      },
    }
    const { failure, result } = await build()
    expect(failure).toBeNull()
    expect(parts).toEqual([undefined, "bytes=100-"])
    expect((await bench.publish(result!.storePath)).digest).toBe(digestOf(image.manifest))
  })
})
