import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { age, collectNow } from "../../test/collection.ts"
import { makeNixStore } from "../../test/nixStore.ts"
import { push, putNar, treeUpload } from "../../test/upload.ts"
import { hashOf, random, startUpstream } from "../../test/upstreamCache.ts"
import { file } from "../domain/artifacts/nar.ts"

const postgres = usePostgres()
const disk = mkdtempSync(join(tmpdir(), "skypanel-disk-"))
let server: ArtifactServer

beforeAll(async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "skypanel-test", disk])
  server = await startArtifactServer(await postgres().database(), { dataFolder: disk })
})
afterAll(async () => {
  await server?.close()
  execFileSync("umount", [disk])
  rmSync(disk, { recursive: true })
})

const incoming = () => readdirSync(join(disk, "artifacts/incoming"))

it("refuses an announced upload that has no room, and one that turns out so", async () => {
  const large = treeUpload("large", file(randomBytes(6_000_000)))
  expect(await putNar(server.pushUrl, large.file)).toEqual({ status: 507, text: "there is no room for it" })
  expect(incoming()).toEqual([])
  // Without a length nobody knows before the disk is full.
  const url = `${server.pushUrl}/nar/${"0".repeat(52)}.nar.zst`
  const body = new Blob([large.file as never]).stream()
  const answer = await fetch(url, { method: "PUT", body, duplex: "half" } as never)
  expect(answer.status).toBe(507)
  expect(incoming()).toEqual([])
})

it("takes uploads again when there is room", async () => {
  const ballast = join(disk, "ballast")
  writeFileSync(ballast, Buffer.alloc(3_500_000))
  const upload = treeUpload("later", file(randomBytes(1_000_000)))
  expect((await putNar(server.pushUrl, upload.file)).status).toBe(507)
  rmSync(ballast)
  await push(server.pushUrl, upload)
})

it("takes from upstream caches only what leaves uploads their room", async () => {
  const nix = makeNixStore()
  const upstream = await startUpstream()
  const settings = { dataFolder: disk, openCache: true, upstreams: [upstream.cache], upstreamReserve: 0.5 }
  const pulling = await startArtifactServer(await postgres().database(), settings)
  const ballast = join(disk, "ballast")
  const narInfo = async (path: string) => {
    const answer = await fetch(`${pulling.url}/cache/${hashOf(path)}.narinfo`)
    return { status: answer.status, url: /^URL: (.*)$/m.exec(await answer.text())?.[1] }
  }
  try {
    const path = await nix.add("pulled", { file: random(100_000) })
    await upstream.add(nix, "xz", path)
    const { url } = await narInfo(path)
    writeFileSync(ballast, Buffer.alloc(2_200_000))
    upstream.requests.length = 0
    expect((await narInfo(path)).status).toBe(404)
    expect((await fetch(`${pulling.url}/cache/${url}`)).status).toBe(404)
    expect(upstream.requests).toEqual([])
    await push(pulling.pushUrl, treeUpload("beside", file(randomBytes(100_000))))
    rmSync(ballast)
    expect((await fetch(`${pulling.url}/cache/${url}`)).status).toBe(200)
  } finally {
    rmSync(ballast, { force: true })
    await pulling.close()
    await upstream.close()
    nix.remove()
  }
})

it("is collected also when it is full, and takes uploads again", async () => {
  let number = 0
  let refused = false
  while (!refused) {
    const upload = treeUpload(`filling-${number++}`, file(randomBytes(500_000)))
    refused = await push(server.pushUrl, upload).then(
      () => false,
      () => true,
    )
  }
  await age(server, 25)
  await collectNow(server)
  await age(server, 25)
  expect((await collectNow(server)).filesDeleted).toBeGreaterThan(1)
  await push(server.pushUrl, treeUpload("again", file(randomBytes(500_000))))
})
