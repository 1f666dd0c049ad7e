import { createHash, randomBytes } from "node:crypto"
import { existsSync, readdirSync } from "node:fs"
import { connect, createServer, type Server } from "node:net"
import { join } from "node:path"
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from "@aws-sdk/client-s3"
import { Redacted, Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { useSwift } from "../../../../test/lab/swift.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { age, collectNow, query } from "../../../test/collection.ts"
import { push, putNar, storePathOf, treeUpload } from "../../../test/upload.ts"
import { parseBucketUrl } from "../../domain/artifacts/bucketUrl.ts"
import { file } from "../../domain/artifacts/nar.ts"
import { narFileName } from "../../domain/artifacts/narInfo.ts"
import { inBucket } from "./inBucket.ts"

const postgres = usePostgres()
const swift = useSwift()
let server: ArtifactServer
let cutting: Cutting

const bucketAt = (port?: number) => Result.getOrThrow(parseBucketUrl(swift().bucketUrl("nars/panel", port)))
const client = () =>
  new S3Client({
    endpoint: `http://127.0.0.1:${swift().port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "test:tester", secretAccessKey: "testing" },
  })

/** Between platform and bucket: cuts the connection after so many bytes of an answer, as often as it is told. */
interface Cutting {
  readonly server: Server
  readonly port: number
  times: number
  after: number
}

const cut = 300_000
const startCutting = (to: number) =>
  new Promise<Cutting>((resolve) => {
    const listening = createServer((socket) => {
      const bucket = connect(to, "127.0.0.1")
      let bytes = 0
      const end = () => {
        socket.destroy()
        bucket.destroy()
      }
      socket.pipe(bucket)
      bucket.on("data", (data) => {
        bytes += data.length
        if (bytes > cutting.after && cutting.times > 0) {
          cutting.times--
          end()
        } else socket.write(data)
      })
      bucket.on("end", () => socket.end())
      for (const one of [socket, bucket]) one.on("error", end)
    })
    listening.listen(0, "127.0.0.1", () =>
      resolve({
        server: listening,
        port: (listening.address() as { port: number }).port,
        times: 0,
        after: cut,
      }),
    )
  })

beforeAll(async () => {
  await client().send(new CreateBucketCommand({ Bucket: "nars" }))
  cutting = await startCutting(swift().port)
  const bucket = bucketAt(cutting.port)
  server = await startArtifactServer(await postgres().database(), { bucket, openCache: true })
})
afterAll(async () => {
  await server?.close()
  cutting?.server.close()
})

const big = treeUpload("big", file(randomBytes(20_000_000)))
const small = treeUpload("small", file("hello"))
const nar = (upload: typeof big, headers = {}) =>
  fetch(`${server.url}/cache/nar/${narFileName(upload.info.fileHash)}`, { headers })
const claims = async (upload: typeof big) =>
  (await fetch(`${server.pushUrl}/${upload.info.storePath.hash}.narinfo`, { method: "HEAD" })).status
const storage = () => inBucket(bucketAt())
const hashOf = async (answer: Response) =>
  createHash("sha256")
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest("hex")

describe("artifacts in a bucket", () => {
  it("are there and not on the disk, whole and in parts", async () => {
    await push(server.pushUrl, big)
    await push(server.pushUrl, small)
    expect(existsSync(join(server.dataFolder, "artifacts/nar"))).toBe(false)
    expect(readdirSync(join(server.dataFolder, "artifacts/incoming"))).toEqual([])
    expect(await hashOf(await nar(big))).toBe(big.info.fileHash)
    const part = await nar(big, { range: "bytes=9000000-9000099" })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(big.file.subarray(9_000_000, 9_000_100))
    expect(await claims(small)).toBe(200)
  })

  it("are read on where a connection broke off, as often as it brings something", async () => {
    cutting.times = 9
    expect(await hashOf(await nar(big))).toBe(big.info.fileHash)
    expect(cutting.times).toBe(0)
  })

  it("are given up where nothing comes any more, and leave the others room to ask", async () => {
    cutting.after = 1_000
    cutting.times = 1_000
    await expect(nar(big).then(hashOf)).rejects.toThrow()
    cutting.times = 0
    cutting.after = cut
    // Nobody reads what comes.
    const answers = await Promise.all(Array.from({ length: 60 }, () => nar(big)))
    expect(await claims(small)).toBe(200)
    for (const answer of answers) await answer.body?.cancel()
  }, 60_000)

  it("are not forgotten while the bucket does not answer, and nothing of an upload stays", async () => {
    await swift().stop()
    const other = treeUpload("other", file("other"))
    expect((await putNar(server.pushUrl, other.file)).status).toBe(503)
    expect((await nar(small)).status).toBe(503)
    expect(await claims(small)).toBe(503)
    expect(readdirSync(join(server.dataFolder, "artifacts/incoming"))).toEqual([])
    await age(server, 25)
    await expect(collectNow(server)).rejects.toThrow(/the bucket nars cannot be reached/)
    await swift().start()
    expect(await query(server, "select from nar where damage is not null")).toEqual([])
    await push(server.pushUrl, other)
    expect((await nar(small)).status).toBe(200)
  }, 60_000)

  it("are collected, and missed when somebody else deleted one", async () => {
    await storage().remove(small.info.fileHash)
    await push(server.pushUrl, treeUpload("user", file(storePathOf("small").path), [storePathOf("small")]))
    await age(server, 25)
    await collectNow(server)
    expect(await query(server, "select damage from nar where damage is not null")).toEqual([
      { damage: "missing" },
    ])
    expect(await claims(small)).toBe(404)
    await push(server.pushUrl, small)
    expect((await nar(small)).status).toBe(200)
    await age(server, 25)
    expect((await collectNow(server)).filesDeleted).toBeGreaterThan(0)
    expect(await storage().has(big.info.fileHash)).toBe(false)
  }, 60_000)

  it("leave no parts of uploads behind that were cut off", async () => {
    const parts = () => client().send(new ListMultipartUploadsCommand({ Bucket: "nars" }))
    const Key = `panel/nar/ab/${"ab".repeat(32)}.nar.zst`
    await client().send(new CreateMultipartUploadCommand({ Bucket: "nars", Key }))
    await storage().sweep(3600_000)
    expect((await parts()).Uploads).toHaveLength(1)
    await storage().sweep(-60_000)
    expect((await parts()).Uploads ?? []).toEqual([])
  })

  it("say what is wrong without saying a key", async () => {
    const wrong = inBucket({ ...bucketAt(), secretKey: Redacted.make("wrong") })
    await expect(wrong.list("ab")).rejects.toThrow("the bucket nars answers 403 SignatureDoesNotMatch")
    const missing = inBucket({ ...bucketAt(), name: "none" })
    await expect(missing.list("ab")).rejects.toThrow("the bucket none answers 404 NoSuchBucket")
    // Where there is no bucket nobody knows what is in it.
    await expect(missing.has("ab".repeat(32))).rejects.toThrow("there is no bucket none")
    expect(await storage().has("ab".repeat(32))).toBe(false)
  })
})
