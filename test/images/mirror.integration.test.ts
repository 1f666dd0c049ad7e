import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { SourceAccess } from "@skypanel/contract/BuildAssignment"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { ImageOfBlobs, LayerFile } from "../../agent/src/builder/image/UploadImage.ts"
import { credentialOf, repository } from "../../platform/test/publisher.ts"
import { usePostgres } from "../lab/fixtures.ts"
import { type ImageRegistry, openImageRegistry, registryLogin } from "../lab/imageRegistry.ts"
import { digestOf, makeImage, writeImage } from "./makeImage.ts"
import { type MirrorBench, openMirrorBench } from "./mirrorBench.ts"

/** From a real registry of somebody else through a real builder to a real client of ours. */

const postgres = usePostgres()
const folder = mkdtempSync(join(tmpdir(), "skypanel-mirrored-"))
let registry: ImageRegistry
let bench: MirrorBench
let oci: ImageOfBlobs<LayerFile>
let docker: ImageOfBlobs<LayerFile>

const access: SourceAccess = {
  _tag: "token",
  username: registryLogin.username,
  token: registryLogin.password,
}
const here = process.arch === "arm64" ? "arm64" : "amd64"
const base = { "etc/motd": "hello\n" }
const indexType = "application/vnd.oci.image.index.v1+json"

/** For several processors: of each, what is the manifest's digest. */
const pushIndex = async (name: string, entries: Readonly<Record<string, ImageOfBlobs>>) => {
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: Object.entries(entries).map(([architecture, { manifest }]) => ({
      mediaType: JSON.parse(manifest).mediaType,
      digest: digestOf(manifest),
      size: manifest.length,
      platform: { os: "linux", architecture },
    })),
  })
  const [repositoryName, tag] = name.split(":")
  const answer = await registry.ask(`${repositoryName}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": indexType },
    body: index,
  })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return digestOf(index)
}

beforeAll(async () => {
  registry = await openImageRegistry(true)
  bench = await openMirrorBench(await postgres().database())
  oci = makeImage(join(folder, "oci"), [base, { "bin/app": Buffer.alloc(400_000, "y") }], {
    ExposedPorts: { "9000/tcp": {}, "3000/tcp": {}, "53/udp": {} },
  })
  docker = makeImage(join(folder, "docker"), [base, { "bin/app": "2" }], {}, "docker")
  await registry.push(writeImage(join(folder, "oci"), oci), "team/app:1")
  await registry.push(writeImage(join(folder, "docker"), docker), "team/app:2")
})
afterAll(async () => {
  await bench?.close()
  await registry?.close()
  rmSync(folder, { recursive: true, force: true })
})

const named = (name: string) => `${registry.address}/${name}`
const blobs = (requests: ReadonlyArray<string>) => requests.filter((each) => each.includes("/blobs/"))

describe("an image of a registry", () => {
  it("is mirrored, and pulled from ours with the digest that it had", async () => {
    const { observed, log } = await bench.build(named("team/app:1"), access)
    expect(observed.failure).toBeNull()
    const digest = digestOf(oci.manifest)
    expect(observed.result).toMatchObject({ revision: digest, image: { port: 3000 }, command: [] })
    expect(log).toEqual([
      `${named("team/app:1")} is ${digest}`,
      "fetching 2 of 2 layers",
      expect.stringContaining("fetched layer 1 of 2"),
      expect.stringContaining("fetched layer 2 of 2"),
      expect.stringContaining("mirrored: 2 layers"),
    ])
    const published = await bench.publish(observed.result!.storePath)
    expect(published.digest).toBe(digest)
    const name = repository("svc_mirror")
    const { username, password } = await credentialOf(bench.server, name)
    const to = join(folder, "pulled")
    await promisify(execFile)("skopeo", [
      ...["--insecure-policy", "copy", "--src-tls-verify=false", `--src-creds=${username}:${password}`],
      ...[`docker://${bench.server.address}/${name}@${digest}`, `dir:${to}`],
    ])
    expect(readFileSync(join(to, "manifest.json"), "utf8")).toBe(oci.manifest)
  })

  it("of which everything is here is not fetched again, and of another only what is not", async () => {
    registry.takeRequests()
    const again = await bench.build(named("team/app:1"), access)
    expect(again.log).toContain("nothing to fetch: the platform has this image already")
    // The configuration, which is part of what it is known by.
    expect(blobs(registry.takeRequests()).every((each) => each.includes(digestOf(oci.config)))).toBe(true)
    const other = await bench.build(named("team/app:2"), access)
    expect(other.log).toContain("fetching 1 of 2 layers")
    expect((await bench.publish(other.observed.result!.storePath)).digest).toBe(digestOf(docker.manifest))
  })

  it("leaves nothing on the builder", () => {
    const left = readdirSync(bench.dataFolder, { recursive: true }).filter((each) =>
      String(each).includes("layer-"),
    )
    expect(left).toEqual([])
  })

  it("for several processors is the one for this, and known by what the tag leads to", async () => {
    const index = await pushIndex("team/app:both", { s390x: docker, [here]: oci })
    const { observed } = await bench.build(named("team/app:both"), access)
    expect(observed.result?.revision).toBe(index)
    expect((await bench.publish(observed.result!.storePath)).digest).toBe(digestOf(oci.manifest))
    const pinned = await bench.build(named(`team/app@${index}`), access)
    expect(pinned.observed.result?.storePath).toBe(observed.result?.storePath)
  })

  it("for other processors only is refused with those that it is for", async () => {
    await pushIndex("team/app:other", { s390x: docker })
    const { observed } = await bench.build(named("team/app:other"), access)
    expect(observed.failure).toMatchObject({ code: "image-not-for-platform" })
    expect(observed.failure?.detail).toContain("It is for linux/s390x")
  })

  it("is asked for what digest its tag leads to, without being fetched", async () => {
    registry.takeRequests()
    const { observed } = await bench.build(named("team/app:1"), access, { poll: true })
    expect(observed).toMatchObject({ phase: "succeeded", revision: digestOf(oci.manifest) })
    const requests = registry.takeRequests()
    expect(requests.length).toBeGreaterThan(0)
    // Only its head: registries count who fetches a manifest.
    expect(requests.filter((each) => !each.startsWith("HEAD ") || !each.includes("/manifests/"))).toEqual([])
  })

  it.each([
    ["team/nothing:1", "source-not-found", access],
    ["team/app:3", "source-not-found", access],
    ["team/app:1", "credential-refused", null],
    ["team/app:1", "credential-refused", { ...access, token: "another-secret" } as const],
  ])("%s ends as %s", async (name, code, given) => {
    const { observed, log } = await bench.build(named(name), given)
    expect(observed.failure?.code).toBe(code)
    for (const secret of [registryLogin.password, "another-secret"])
      expect(JSON.stringify([observed, log])).not.toContain(secret)
  })

  it("that is too large is not fetched", async () => {
    registry.takeRequests()
    const { observed } = await bench.build(named("team/app:1"), access, { imageBytes: 300 })
    expect(observed.failure?.code).toBe("image-too-large")
    expect(blobs(registry.takeRequests()).every((each) => each.includes(digestOf(oci.config)))).toBe(true)
  })
})
