import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { LayerContents } from "@skypanel/contract/image/LayerContents"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { BuildSpace } from "../../agent/src/builder/BuildSpace.ts"
import {
  findLayers,
  type ImageOfBlobs,
  isImageStored,
  type LayerFile,
  listingFile,
  uploadImage,
  uploadListing,
} from "../../agent/src/builder/image/UploadImage.ts"
import { BlobImages } from "../../platform/src/artifacts/BlobImages.ts"
import {
  type ArtifactServer,
  otherUploadToken,
  startArtifactServer,
  uploadToken,
} from "../../platform/test/artifactServer.ts"
import { addRelease, addService, age, collectNow, query } from "../../platform/test/collection.ts"
import { credentialOf, getFromRegistry, organizationId, repository } from "../../platform/test/publisher.ts"
import { usePostgres } from "../lab/fixtures.ts"
import { digestOf, makeImage } from "./makeImage.ts"

/** From a builder's files to what a real client pulls: the artifact store's part of an image of blobs. */

const postgres = usePostgres()
const folder = mkdtempSync(join(tmpdir(), "skypanel-blobs-"))
let server: ArtifactServer
let image: ImageOfBlobs<LayerFile>

const space = (token = uploadToken) =>
  ({
    config: { controlPlane: server.url },
    assignment: { uploadPath: `/cache/push/${token}?compression=zstd` },
    note: () => undefined,
  }) as unknown as BuildSpace

const upload = (of: ImageOfBlobs<LayerFile>, token = uploadToken) =>
  Effect.runPromise(uploadImage(space(token), of))
const publish = (storePath: string, serviceId = "svc_mirror", owner = organizationId) =>
  server.runtime.runPromise(
    Effect.flatMap(BlobImages, (images) => images.publish({ organizationId: owner, serviceId, storePath })),
  )

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  image = makeImage(
    folder,
    [
      { "etc/motd": "ünïcode\n" },
      { "bin/app": Buffer.alloc(300_000, "x"), "srv/index.html": "<h1>hello</h1>" },
    ],
    {
      Env: ["GREETING=grüß dich"],
      User: "1000",
      Volumes: { "/cache/": {} },
      ExposedPorts: { "8080/tcp": {} },
    },
    "docker",
  )
})
afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("an image of blobs", () => {
  it("is pulled by a real client as it was pushed, byte by byte", async () => {
    const storePath = await upload(image)
    const published = await publish(storePath)
    expect(published.digest).toBe(digestOf(image.manifest))
    expect(published.settings).toEqual({ user: "1000", writable: ["/cache"] })
    expect(published.newBytes).toBe(image.layers.reduce((sum, { size }) => sum + size, 0))
    const name = repository("svc_mirror")
    const { username, password } = await credentialOf(server, name)
    const to = join(folder, "pulled")
    await promisify(execFile)("skopeo", [
      ...["copy", "--src-tls-verify=false", `--src-creds=${username}:${password}`, "--preserve-digests"],
      ...[`docker://${server.address}/${name}@${published.digest}`, `dir:${to}`],
    ])
    expect(readFileSync(join(to, "manifest.json"), "utf8")).toBe(image.manifest)
    for (const { digest, file } of image.layers)
      expect(readFileSync(join(to, digest.slice(7))).equals(readFileSync(file))).toBe(true)
    expect(readFileSync(join(to, published.configDigest.slice(7)), "utf8")).toBe(image.config)
  })

  it("is answered in parts, too", async () => {
    const name = repository("svc_mirror")
    const { digest, size, file } = image.layers[1]!
    const range = { Range: `bytes=${size - 100}-` }
    const part = await getFromRegistry(server, `${name}/blobs/${digest}`, name, range)
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(readFileSync(file).subarray(size - 100))).toBe(true)
    const config = digestOf(image.config)
    const text = await getFromRegistry(server, `${name}/blobs/${config}`, name, { Range: "bytes=3-" })
    expect(Buffer.from(await text.arrayBuffer()).equals(Buffer.from(image.config).subarray(3))).toBe(true)
  })

  it("has the names that Nix gives its files", () => {
    const { file, digest } = image.layers[0]!
    const hex = digest.slice(7)
    const named = execFileSync("nix-store", ["--print-fixed-path", "sha256", hex, `layer-${hex}`], {
      encoding: "utf8",
    })
    expect(listingFile(image).references).toContain(named.trim())
    expect(file).toContain("layer-0")
  })

  it("is not sent again when it is there, and is another service's without its bytes", async () => {
    expect(await Effect.runPromise(isImageStored(space(), image))).toBe(true)
    const before = server.requests.length
    const again = await publish(await upload(image), "svc_other")
    expect(again.digest).toBe(digestOf(image.manifest))
    expect(server.requests.slice(before).filter((each) => each.startsWith("PUT")).length).toBe(2)
  })

  it("is nothing to another organization that knows its digests, until a build of its own brings the bytes", async () => {
    const theirs = space(otherUploadToken)
    const named = listingFile(image).storePath
    await expect(publish(named, "svc_theirs", "org_2")).rejects.toThrow("no build of the organization")
    expect(await Effect.runPromise(isImageStored(theirs, image))).toBe(false)
    const found = await Effect.runPromise(findLayers(theirs, image.layers))
    expect([found.missing.length, found.stored.size]).toEqual([2, 0])
    // What it can make of them without: a listing.
    await Effect.runPromise(uploadListing(theirs, image))
    await expect(publish(named, "svc_theirs", "org_2")).rejects.toThrow("no build of the organization")
    expect((await publish(await upload(image, otherUploadToken), "svc_theirs", "org_2")).digest).toBe(
      digestOf(image.manifest),
    )
    expect(await Effect.runPromise(isImageStored(theirs, image))).toBe(true)
    await query(server, "delete from image where organization_id = 'org_2'")
  })

  it("is refused where what a builder says of its layers is another size or digest, or too much", async () => {
    const publishAs = async (name: string, contents: Partial<LayerContents>, times = 1) => {
      const made = makeImage(join(folder, name), Array(times).fill({ [name]: "same" }))
      return publish(
        await upload({ ...made, layers: made.layers.map((layer) => ({ ...layer, ...contents })) }),
        "svc_lies",
      )
    }
    await expect(publishAs("diff", { diffId: `sha256:${"0".repeat(64)}` })).rejects.toThrow(
      "configuration says",
    )
    await expect(publishAs("bomb", { unpackedBytes: 17 * 2 ** 30 })).rejects.toThrow("more than 16 GiB")
    await expect(publishAs("twice", { unpackedBytes: 2 ** 21 }, 2)).rejects.toThrow("more than once")
    const known = makeImage(join(folder, "known"), [{ a: "2" }])
    await publish(await upload(known), "svc_lies")
    const manifest = JSON.parse(known.manifest)
    manifest.layers[0].size -= 1
    const layers = known.layers.map((layer) => ({ ...layer, size: layer.size - 1 }))
    const listing = await Effect.runPromise(
      uploadListing(space(), { ...known, manifest: JSON.stringify(manifest), layers }),
    )
    await expect(publish(listing, "svc_lies")).rejects.toThrow("is not the layer")
    await query(server, "delete from image where service_id = 'svc_lies'")
  })

  it("is refused where its layers are not those of its manifest, or are not what they say", async () => {
    const other = makeImage(join(folder, "other"), [{ a: "1" }])
    const wrong = { ...other, layers: image.layers.slice(0, 1) }
    await expect(publish(await upload(wrong))).rejects.toThrow("not those of its manifest")
    const [layer] = other.layers
    // Another file of the same length, by a builder that does not look.
    const lying = { ...other, layers: [{ ...layer!, file: join(folder, "lie") }] }
    writeFileSync(join(folder, "lie"), Buffer.alloc(layer!.size))
    await expect(publish(await upload(lying))).rejects.toThrow("is not the layer")
  })

  it("stays while a release has it, and then goes with its files", async () => {
    await addService(server, "svc_mirror")
    await addRelease(server, "svc_mirror", 1, digestOf(image.manifest))
    const kept = () =>
      query<{ base: string }>(
        server,
        `select base from store_path where base like '%-layer-%' and collected_at is null`,
      )
    await query(server, "delete from image where service_id = 'svc_other'")
    for (let round = 0; round < 3; round++) {
      await age(server, 24 * 30)
      await collectNow(server)
    }
    expect((await kept()).length).toBe(2)
    await query(server, "delete from service")
    await query(server, "delete from image")
    for (let round = 0; round < 3; round++) {
      await age(server, 24 * 30)
      await collectNow(server)
    }
    expect(await query(server, "select from store_path")).toEqual([])
    expect(await query(server, "select from nar")).toEqual([])
  })
})
