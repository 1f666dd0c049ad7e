import { createCipheriv, createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer, uploadingBuild } from "../../test/artifactServer.ts"
import { push, putNar, putNarInfo, storePathOf, treeUpload, uploadOf } from "../../test/upload.ts"
import { directory, file, narOf } from "../domain/artifacts/nar.ts"
import { narFileName } from "../domain/artifacts/narInfo.ts"

const postgres = usePostgres()
let server: ArtifactServer

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database(), {
    narBytes: 32 * 1024 ** 2,
    fileBytes: 8 * 1024 ** 2,
  })
})
afterAll(() => server.close())

const head = async (path: string) => (await fetch(`${server.pushUrl}/${path}`, { method: "HEAD" })).status
const narStatus = (fileHash: string) => head(`nar/${narFileName(fileHash)}`)
const pathStatus = (name: string) => head(`${storePathOf(name).hash}.narinfo`)
const incoming = (at = server) => readdirSync(join(at.dataFolder, "artifacts/incoming"))
const files = () => readdirSync(join(server.dataFolder, "artifacts"), { recursive: true }).length

/** Whatever was refused left no file, and can still be uploaded. */
const expectNothing = async (bytes: Buffer, before: number) => {
  expect(incoming()).toEqual([])
  expect(files()).toBe(before)
  expect(await narStatus(createHash("sha256").update(bytes).digest("hex"))).toBe(404)
}

/** The same bytes each time, which nothing compresses. */
const random = (size: number, seed = 1) =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))

describe("an upload that is not what it says", () => {
  it.each<[string, Buffer, string]>([
    ["no zstd", Buffer.from("x".repeat(100)), "not compressed with zstd"],
    ["no archive", zstdCompressSync(Buffer.from("x".repeat(100))), "the archive is refused"],
    ["an empty file", Buffer.alloc(0), "it is empty"],
    ["a file that is cut off", zstdCompressSync(narOf(file(random(100_000)))).subarray(0, -9), "zstd frame"],
    ["an archive that is cut off", zstdCompressSync(narOf(file("x")).subarray(0, -8)), "it ends too early"],
    [
      "bytes after the frame",
      Buffer.concat([zstdCompressSync(narOf(file("x"))), Buffer.from("trailing")]),
      "not compressed with zstd",
    ],
    [
      "a second archive",
      zstdCompressSync(Buffer.concat([narOf(file("x")), narOf(file("y"))])),
      "bytes after its end",
    ],
    [
      "a path that leads out",
      zstdCompressSync(narOf({ kind: "directory", entries: [["..", file("x")]] })),
      "no valid name",
    ],
    ["a bomb", zstdCompressSync(narOf(file(Buffer.alloc(40 * 1024 ** 2)))), "larger than 33554432 bytes"],
    ["a file that is too large", zstdCompressSync(narOf(file(random(9 * 1024 ** 2)))), "larger than 8388608"],
  ])("is refused with the reason: %s", async (_, bytes, why) => {
    const before = files()
    const answer = await putNar(server.pushUrl, bytes)
    expect(answer.text).toContain(why)
    expect(answer.status).toBe(400)
    await expectNothing(bytes, before)
  })

  it("is refused when the hash is another", async () => {
    const before = files()
    const bytes = zstdCompressSync(narOf(file("hash")))
    const answer = await putNar(server.pushUrl, bytes, "0".repeat(64))
    expect(answer).toEqual({ status: 400, text: "the file's SHA-256 is not the one in its name" })
    await expectNothing(bytes, before)
  })

  it("is refused when a frame is damaged", async () => {
    const bytes = zstdCompressSync(narOf(file("some text, and the same text ".repeat(5000))))
    for (let at = 20; at < bytes.length; at++) bytes[at]! ^= 0x5a
    expect((await putNar(server.pushUrl, bytes)).status).toBe(400)
  })
})

describe("a narinfo that is not so", () => {
  const other = treeUpload("other", file("other"))
  const honest = treeUpload("honest", file(`refers to ${storePathOf("other").path}`), [storePathOf("other")])
  beforeAll(async () => {
    expect(await putNar(server.pushUrl, honest.file)).toEqual({ status: 200, text: "stored" })
    await push(server.pushUrl, other)
  })

  it.each([
    ["NarHash", { narHash: "0".repeat(64) }, "NarHash is not the hash of the NAR"],
    ["NarSize", { narSize: 7 }, "NarSize is"],
    ["FileSize", { fileSize: 7 }, "FileSize is"],
    ["a NAR that was never sent", { fileHash: "0".repeat(64) }, "its NAR was not uploaded"],
    [
      "a reference that is not here",
      { references: [storePathOf("absent")] },
      "a reference is not in this cache",
    ],
    [
      "a reference that the NAR does not have",
      { references: [storePathOf("other"), storePathOf("honest")] },
      "the NAR does not contain the reference",
    ],
  ])("is refused: %s", async (_, wrong, why) => {
    const answer = await putNarInfo(server.pushUrl, { ...honest.info, ...wrong })
    expect(answer.text).toContain(why)
    expect(answer.status).toBe(400)
    expect(await pathStatus("honest")).toBe(404)
  })

  it("is taken when it is right, and again", async () => {
    for (const _ of [1, 2]) expect((await putNarInfo(server.pushUrl, honest.info)).status).toBe(200)
    expect(await pathStatus("honest")).toBe(200)
    const rows = await server.runtime.runPromise(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select build_id from store_path where base = ${storePathOf("honest").base}`,
      ),
    )
    expect(rows, "the build that brought it").toEqual([{ build_id: uploadingBuild }])
  })

  it("does not change a path that is known", async () => {
    const forged = treeUpload("other", file("forged"))
    await push(server.pushUrl, forged)
    const text = await (await fetch(`${server.pushUrl}/${forged.info.storePath.hash}.narinfo`)).text()
    expect(text).toContain(narFileName(other.info.fileHash))
  })

  it("cannot come under another address", async () => {
    const url = `${server.pushUrl}/${"0".repeat(32)}.narinfo`
    expect((await fetch(url, { method: "PUT", body: "StorePath: x" })).status).toBe(400)
    expect((await fetch(`${server.pushUrl}/log/x.drv`, { method: "PUT", body: "x" })).status).toBe(405)
  })
})

describe("uploads", () => {
  it("may consist of many frames, as Nix 2.35 writes them", async () => {
    const nar = narOf(directory({ a: file(random(300_000)), b: file("b") }))
    const frames = [nar.subarray(0, 5), nar.subarray(5, 100_000), nar.subarray(100_000)]
    const bytes = Buffer.concat(frames.map((frame) => zstdCompressSync(frame)))
    expect(await putNar(server.pushUrl, bytes)).toEqual({ status: 200, text: "stored" })
  })

  it("of one path at the same time all succeed, and store it once", async () => {
    const upload = treeUpload("together", file(random(500_000, 7)))
    await Promise.all(Array.from({ length: 10 }, () => push(server.pushUrl, upload)))
    expect(incoming()).toEqual([])
    expect(await pathStatus("together")).toBe(200)
  })

  it("that break off leave nothing", async () => {
    const upload = uploadOf("broken", narOf(file(random(2_000_000, 9))))
    const before = files()
    const url = `${server.pushUrl}/nar/${narFileName(upload.info.fileHash)}`
    const sending = request(url, { method: "PUT", headers: { "Content-Length": upload.file.length } })
    sending.on("error", () => undefined)
    sending.write(upload.file.subarray(0, 1_000_000))
    await vi.waitFor(() => expect(incoming()).toHaveLength(1), { timeout: 10_000 })
    expect(await narStatus(upload.info.fileHash)).toBe(404)
    sending.destroy()
    await vi.waitFor(() => expect(incoming()).toEqual([]), { timeout: 10_000 })
    await expectNothing(upload.file, before)
    await push(server.pushUrl, upload)
    expect(await narStatus(upload.info.fileHash)).toBe(200)
  })
})

it("removes at the start what a killed platform left, and not what another one writes now", async () => {
  const folder = join(server.dataFolder, "artifacts/incoming")
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "left"), "x")
  writeFileSync(join(folder, "writing"), "x")
  utimesSync(join(folder, "left"), new Date(0), new Date(0))
  const second = await startArtifactServer(await postgres().database(), { dataFolder: server.dataFolder })
  await second.close()
  expect(existsSync(join(folder, "left"))).toBe(false)
  expect(existsSync(join(folder, "writing"))).toBe(true)
})
