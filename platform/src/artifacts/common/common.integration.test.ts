import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { addRelease, addService, query } from "../../../test/collection.ts"
import {
  add,
  addApplications,
  credentialOf,
  getFromRegistry,
  publish,
  repository,
} from "../../../test/publisher.ts"
import { commonRepository, listCommonImages, refreshCommonImages } from "./commonImages.ts"

/** What services have in common, as images of their own. */

const postgres = usePostgres()
const MB = 1e6
let server: ArtifactServer
beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  await addApplications(server)
})
afterAll(() => server?.close())

const serve = async (service: string, name: string, organizationId = "org_1") => {
  const image = await publish(server, service, name, { organizationId })
  await addService(server, service, organizationId)
  await addRelease(server, service, 1, image.digest, "live", organizationId)
  return image
}
const refresh = (bytes = 1000 * MB) => server.runtime.runPromise(refreshCommonImages(bytes))
const list = () => server.runtime.runPromise(listCommonImages)
const get = (path: string, as = commonRepository, method = "GET") =>
  getFromRegistry(server, `${commonRepository}/${path}`, as, {}, method)

describe("what services have in common", () => {
  it("is nothing while there is one service", async () => {
    await serve("svc_shop", "shop")
    await refresh()
    expect(await list()).toEqual([])
  })

  it("is the layers that the image of another one begins with, whoever's it is", async () => {
    const blog = await serve("svc_blog", "blog", "org_2")
    await refresh()
    const shared = blog.layers.slice(0, -1)
    expect(shared.length).toBeGreaterThan(1)
    const bytes = shared.reduce((sum, { size }) => sum + size, 0)
    expect(await list()).toEqual([
      { digest: expect.stringMatching(/^sha256:/), bytes, layers: shared.length, services: 2 },
    ])
  })

  it("is pulled as an image without anything of theirs but those layers, with a credential of its own", async () => {
    const [image] = await list()
    const answer = await get(`manifests/${image!.digest}`)
    const text = await answer.text()
    const manifest = JSON.parse(text)
    const theirs = await query<{ manifest: string }>(server, "select manifest from image")
    for (const each of theirs)
      expect(JSON.parse(each.manifest).layers.slice(0, image!.layers)).toEqual(manifest.layers)
    const config = JSON.parse(await (await get(`blobs/${manifest.config.digest}`)).text())
    expect(config.config).toEqual({ Labels: { "skypanel.common": "true" } })
    expect(config.rootfs.diff_ids).toEqual(manifest.layers.map((layer: { digest: string }) => layer.digest))
    for (const { digest, size } of manifest.layers) {
      const layer = await get(`blobs/${digest}`)
      expect((await layer.arrayBuffer()).byteLength).toBe(size)
    }
  })

  it("opens nothing else, and nobody else's credential opens it", async () => {
    const [image] = await list()
    const [top] = await query<{ digest: string }>(
      server,
      `select layer_digest as digest from image_layer where service_id = 'svc_shop' order by position desc limit 1`,
    )
    expect((await get(`blobs/${top!.digest}`)).status).toBe(404)
    expect((await get("manifests/latest")).status).toBe(404)
    expect((await get("tags/list")).status).toBe(404)
    expect((await get(`manifests/${image!.digest}`, repository("svc_shop"))).status).toBe(403)
    const foreign = await getFromRegistry(
      server,
      `${repository("svc_shop")}/manifests/latest`,
      commonRepository,
    )
    expect(foreign.status).toBe(403)
  })

  it("is sent to few at a time, so that customers' pulls come first", async () => {
    const [image] = await list()
    const manifest = JSON.parse(await (await get(`manifests/${image!.digest}`)).text())
    const large = manifest.layers.find(({ size }: { size: number }) => size > 10 * MB)
    const { username, password } = await credentialOf(server, commonRepository)
    const basic = Buffer.from(`${username}:${password}`).toString("base64")
    // They ask and read nothing.
    const slow = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = connect(server.port, "127.0.0.1")
        socket.write(
          `GET /v2/${commonRepository}/blobs/${large.digest} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${basic}\r\n\r\n`,
        )
        await new Promise((resolve) => socket.once("readable", resolve))
        return socket
      }),
    )
    const layer = `blobs/${large.digest}`
    expect((await get(layer)).status).toBe(503)
    expect((await get(layer, commonRepository, "HEAD")).status).toBe(200)
    const own = await getFromRegistry(server, `${repository("svc_shop")}/${layer}`, repository("svc_shop"))
    expect((await own.arrayBuffer()).byteLength).toBe(large.size)
    for (const socket of slow) socket.destroy()
    await expect.poll(async () => (await get(layer, commonRepository)).status).toBe(200)
  })

  it("follows what serves: more of it, less room, fewer services, none", async () => {
    await add(server, "library-1.0", [], 3 * MB)
    for (const name of ["one", "two"]) {
      await add(server, name, ["library-1.0"])
      await serve(`svc_${name}`, name)
    }
    await refresh()
    const both = await list()
    expect(both.map(({ services }) => services)).toEqual([2, 2])
    await refresh(10 * MB)
    expect((await list()).map(({ bytes }) => bytes < 10 * MB)).toEqual([true])
    await refresh()
    expect(await list()).toEqual(both)
    await query(server, "update service set wish = 'stopped' where id = 'svc_two'")
    await refresh()
    expect((await list()).length).toBe(1)
    await refresh(0)
    expect(await list()).toEqual([])
  })
})
