import { createHash } from "node:crypto"
import { readdirSync, readlinkSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { add, addApplications, getFromRegistry, publish, repository } from "../../test/publisher.ts"
import { storePathOf } from "../../test/upload.ts"
import { parseNarFileName } from "../domain/artifacts/narInfo.ts"
import { Images } from "./Images.ts"

const postgres = usePostgres()
let server: ArtifactServer

const json = (answer: Response) =>
  answer.json() as Promise<{ token: string; tags: Array<string>; errors: Array<{ code: string }> }>
/** Of an answer that is not read: who asks lets go of it, or its file stays open. */
const statusOf = async (answer: Response) => {
  await answer.body?.cancel()
  return answer.status
}
const code = async (answer: Response) => `${answer.status} ${(await json(answer)).errors[0]?.code}`

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database(), { keptLayerBytes: 0 })
  await addApplications(server)
  for (const name of ["shop", "shop-next"]) await publish(server, "svc_shop", name)
  await publish(server, "svc_blog", "blog")
})
afterAll(() => server.close())

describe("the registry", () => {
  const name = repository("svc_shop")

  it("serves what its digests say", async () => {
    const image = await publish(server, "svc_shop", "shop")
    const answer = await getFromRegistry(server, `${name}/manifests/${image.digest}`, name)
    const text = await answer.text()
    expect(answer.headers.get("Docker-Content-Digest")).toBe(image.digest)
    expect(answer.headers.get("Content-Type")).toBe("application/vnd.oci.image.manifest.v1+json")
    const manifest = JSON.parse(text)
    for (const { digest, size } of [manifest.config, ...manifest.layers]) {
      const blob = await getFromRegistry(server, `${name}/blobs/${digest}`, name)
      const bytes = Buffer.from(await blob.arrayBuffer())
      expect(blob.headers.get("Content-Length")).toBe(String(size))
      expect(bytes.length).toBe(size)
      expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(digest)
    }
  })

  it("serves every part of a layer as the whole has it", async () => {
    const { layers } = await publish(server, "svc_shop", "shop")
    for (const { digest, size } of layers) {
      const whole = Buffer.from(
        await (await getFromRegistry(server, `${name}/blobs/${digest}`, name)).arrayBuffer(),
      )
      for (const [start, end] of [
        [0, 0],
        [1, 511],
        [512, 1024],
        [size - 1, size - 1],
        [1234, size - 700],
      ] as const) {
        const part = await getFromRegistry(server, `${name}/blobs/${digest}`, name, {
          Range: `bytes=${start}-${end}`,
        })
        expect(part.status).toBe(206)
        expect(part.headers.get("Content-Range")).toBe(`bytes ${start}-${end}/${size}`)
        expect(part.headers.get("Content-Length")).toBe(String(end - start + 1))
        expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(start, end + 1))).toBe(true)
      }
      const past = await getFromRegistry(server, `${name}/blobs/${digest}`, name, { Range: `bytes=${size}-` })
      expect(past.status).toBe(416)
    }
  })

  it("answers HEAD without the bytes, and lists tags", async () => {
    const { layers, digest } = await publish(server, "svc_shop", "shop")
    const head = await getFromRegistry(server, `${name}/blobs/${layers[1]!.digest}`, name, {}, "HEAD")
    expect(head.headers.get("Content-Length")).toBe(String(layers[1]!.size))
    const manifest = await getFromRegistry(server, `${name}/manifests/latest`, name, {}, "HEAD")
    expect(manifest.headers.get("Docker-Content-Digest")).toBe(digest)
    const { tags } = await json(await getFromRegistry(server, `${name}/tags/list`, name))
    expect(tags).toEqual(["latest", storePathOf("shop").hash, storePathOf("shop-next").hash])
    expect(
      (await getFromRegistry(server, `${name}/manifests/${tags[1]}`, name)).headers.get(
        "Docker-Content-Digest",
      ),
    ).toBe(digest)
  })

  it("asks for a credential and gives a token for it", async () => {
    const answer = await getFromRegistry(server, `${name}/manifests/latest`, null)
    expect(answer.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${server.url}/v2/token",service="skypanel",scope="repository:${name}:pull"`,
    )
    expect(await code(answer)).toBe("401 UNAUTHORIZED")
    expect((await getFromRegistry(server, "", null)).status).toBe(401)
    expect((await getFromRegistry(server, "", name)).status).toBe(200)
    const { token } = await json(await getFromRegistry(server, "token", name))
    const bearer = { Authorization: `Bearer ${token}` }
    expect((await getFromRegistry(server, `${name}/manifests/latest`, null, bearer)).status).toBe(200)
    expect(
      (await getFromRegistry(server, `${repository("svc_blog")}/manifests/latest`, null, bearer)).status,
    ).toBe(403)
    for (const wrong of [`${token}x`, token.replace(/^\d/, "9"), "x.y.z", "..", "Infinity.x.eA"])
      expect((await getFromRegistry(server, "", null, { Authorization: `Bearer ${wrong}` })).status).toBe(401)
    expect((await getFromRegistry(server, "token", null)).status).toBe(401)
  })

  it("gives a blob only through a repository that owns it", async () => {
    const { layers, configDigest, digest } = await publish(server, "svc_shop", "shop")
    const other = repository("svc_blog")
    expect(await code(await getFromRegistry(server, `${other}/blobs/${layers[3]!.digest}`, other))).toBe(
      "404 BLOB_UNKNOWN",
    )
    expect(await code(await getFromRegistry(server, `${other}/blobs/${configDigest}`, other))).toBe(
      "404 BLOB_UNKNOWN",
    )
    expect(await code(await getFromRegistry(server, `${other}/manifests/${digest}`, other))).toBe(
      "404 MANIFEST_UNKNOWN",
    )
    expect(await code(await getFromRegistry(server, `${name}/blobs/${layers[3]!.digest}`, other))).toBe(
      "403 DENIED",
    )
    expect(await statusOf(await getFromRegistry(server, `${other}/blobs/${layers[1]!.digest}`, other))).toBe(
      200,
    )
  })

  it("takes nothing, and has nothing by a strange name", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect(await code(await getFromRegistry(server, `${name}/blobs/uploads/`, name, {}, method))).toBe(
        "405 UNSUPPORTED",
      )
    for (const path of [
      "_catalog",
      `${name}/x/y`,
      "a/manifests/latest",
      `${name}/blobs/sha512:00`,
      "..%2f..%2fetc",
    ])
      expect([400, 404]).toContain((await getFromRegistry(server, path, name)).status)
    expect(await code(await getFromRegistry(server, "org_1/svc_none/tags/list", "org_1/svc_none"))).toBe(
      "404 NAME_UNKNOWN",
    )
  })

  it("has nothing of a service that is forgotten", async () => {
    const { layers } = await publish(server, "svc_gone", "shop")
    const gone = repository("svc_gone")
    expect((await getFromRegistry(server, `${gone}/manifests/latest`, gone)).status).toBe(200)
    await server.runtime.runPromise(Effect.flatMap(Images, (images) => images.forget("svc_gone")))
    expect((await getFromRegistry(server, `${gone}/manifests/latest`, gone)).status).toBe(404)
    expect((await getFromRegistry(server, `${gone}/blobs/${layers[1]!.digest}`, gone)).status).toBe(404)
    expect(await statusOf(await getFromRegistry(server, `${name}/blobs/${layers[1]!.digest}`, name))).toBe(
      200,
    )
  })
})

describe("a layer's file on the disk", () => {
  const name = repository("svc_disk")
  const open = () =>
    readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)].filter((path) => path.endsWith(".nar.zst"))
      } catch {
        return []
      }
    })

  it("is closed when the client goes away", async () => {
    const { layers } = await publish(server, "svc_disk", "shop")
    const url = `${name}/blobs/${layers[1]!.digest}`
    await vi.waitFor(() => expect(open()).toEqual([]), { timeout: 10_000 })
    for (let round = 0; round < 5; round++) {
      const answer = await getFromRegistry(server, url, name)
      const reader = answer.body!.getReader()
      await reader.read()
      await vi.waitFor(() => expect(open()).toHaveLength(1), { timeout: 10_000 })
      await reader.cancel()
      await vi.waitFor(() => expect(open()).toEqual([]), { timeout: 10_000 })
    }
  })

  it("ends the answer when it is damaged, is asked for again, and heals", async () => {
    await add(server, "lost", [], 3_000_000)
    const { layers } = await publish(server, "svc_disk", "lost")
    const url = `${name}/blobs/${layers.at(-1)!.digest}`
    const folder = join(server.dataFolder, "artifacts/nar")
    const hash = /FileHash: sha256:(\w+)/.exec(
      await (await fetch(`${server.pushUrl}/${storePathOf("lost").hash}.narinfo`)).text(),
    )![1]!
    const fileHash = parseNarFileName(`${hash}.nar.zst`)!
    const file = join(folder, fileHash.slice(0, 2), `${fileHash}.nar.zst`)
    truncateSync(file, statSync(file).size - 20)
    await expect(getFromRegistry(server, url, name).then((answer) => answer.arrayBuffer())).rejects.toThrow()
    rmSync(file)
    expect((await fetch(`${server.pushUrl}/${storePathOf("lost").hash}.narinfo`)).status).toBe(404)
    await add(server, "lost", [], 3_000_000)
    expect((await (await getFromRegistry(server, url, name)).arrayBuffer()).byteLength).toBe(
      layers.at(-1)!.size,
    )
  })
})
