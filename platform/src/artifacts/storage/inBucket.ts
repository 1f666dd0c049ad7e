import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ServiceException,
} from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { Redacted } from "effect"
import type { Bucket } from "../../domain/artifacts/bucketUrl.ts"
import { type FoundFile, hashInName, type NarStorage, nameOfNar } from "./NarStorage.ts"

/** A file of up to this goes in one request; a larger one in parts of this, of which there may be 10,000. */
const partBytes = 8 * 1024 * 1024
const connectMs = 5_000
/** Without a byte in either direction. */
const idleMs = 30_000
/** Times that a download that broke off is taken up again. */
const resumesMost = 3

const absent = new Set(["NotFound", "NoSuchKey"])
const full = new Set(["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"])

const isAnswer = (error: unknown): error is S3ServiceException =>
  typeof (error as S3ServiceException).$metadata?.httpStatusCode === "number"

const fails = (message: string, code: string) => Object.assign(new Error(message), { code })

/** Says what went wrong in the words and codes of the disk. */
const asDisk = (bucket: Bucket, error: unknown): Error => {
  if (!isAnswer(error)) {
    const reason = (error as Error).message || (error as NodeJS.ErrnoException).code
    return fails(`the bucket ${bucket.name} cannot be reached: ${reason}`, "EIO")
  }
  if (absent.has(error.name)) return fails("it is not in the bucket", "ENOENT")
  if (full.has(error.name) || error.$metadata.httpStatusCode === 507)
    return fails(`the bucket ${bucket.name} is full`, "ENOSPC")
  return fails(`the bucket ${bucket.name} answers ${error.$metadata.httpStatusCode} ${error.name}`, "EIO")
}

/** NARs in a bucket, each an object that never changes. */
export const inBucket = (bucket: Bucket): NarStorage => {
  const client = new S3Client({
    endpoint: bucket.endpoint,
    region: bucket.region,
    credentials: { accessKeyId: bucket.accessKey, secretAccessKey: Redacted.value(bucket.secretKey) },
    forcePathStyle: true,
    maxAttempts: 3,
    // Checksums that only AWS knows; what is read is checked against its row by `verify`, and by whoever pulls it.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: connectMs, requestTimeout: idleMs, throwOnRequestTimeout: true },
  })
  const keyOf = (fileHash: string) => `${bucket.prefix}${nameOfNar(fileHash)}`
  const at = (fileHash: string) => ({ Bucket: bucket.name, Key: keyOf(fileHash) })
  const asking = <A>(request: Promise<A>): Promise<A> =>
    request.catch((error) => {
      throw asDisk(bucket, error)
    })

  const has = (fileHash: string) =>
    asking(client.send(new HeadObjectCommand(at(fileHash)))).then(
      () => true,
      (error) => {
        if (error.code === "ENOENT") return false
        throw error
      },
    )

  const put = async (temporary: string, fileHash: string, signal?: AbortSignal) => {
    const body = createReadStream(temporary, { highWaterMark: 1024 * 1024 })
    const params = { ...at(fileHash), Body: body, ContentType: "application/x-nix-nar" }
    const upload = new Upload({ client, params, partSize: partBytes, queueSize: 2 })
    const abort = () => void upload.abort()
    signal?.addEventListener("abort", abort)
    await asking(upload.done()).finally(() => {
      signal?.removeEventListener("abort", abort)
      body.destroy()
    })
  }

  const list = async (prefix: string): Promise<ReadonlyArray<FoundFile>> => {
    const found: Array<FoundFile> = []
    const Prefix = `${bucket.prefix}nar/${prefix}/`
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await asking(
        client.send(new ListObjectsV2Command({ Bucket: bucket.name, Prefix, ContinuationToken: token })),
      )
      for (const { Key = "", LastModified } of page.Contents ?? []) {
        const fileHash = hashInName(Key)
        if (fileHash !== null && Key === keyOf(fileHash) && LastModified !== undefined)
          found.push({ fileHash, modifiedMs: LastModified.getTime() })
      }
      token = page.NextContinuationToken
    }
    return found
  }

  /** A download that breaks off is taken up where it was: the object cannot have changed. */
  async function* bytesOf(fileHash: string, from: number, end: number | null): AsyncGenerator<Buffer> {
    let next = from
    let last = end
    for (let tries = 0; last === null || next <= last; tries++) {
      const Range = next === 0 && last === null ? undefined : `bytes=${next}-${last ?? ""}`
      const answer = await asking(client.send(new GetObjectCommand({ ...at(fileHash), Range })))
      last ??= next + (answer.ContentLength ?? 0) - 1
      try {
        for await (const bytes of answer.Body as Readable) {
          next += bytes.length
          yield bytes
        }
      } catch (error) {
        if (tries === resumesMost) throw asDisk(bucket, error)
      }
    }
  }

  const abortStale = async (staleMs: number) => {
    const Prefix = `${bucket.prefix}nar/`
    const { Uploads = [] } = await asking(
      client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix })),
    )
    for (const { Key, UploadId, Initiated } of Uploads)
      if (Initiated !== undefined && Date.now() - Initiated.getTime() > staleMs)
        await asking(
          client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId })),
        ).catch((error) => {
          if (error.code !== "ENOENT") throw error
        })
  }

  return {
    approach: put,
    // A collection may have removed what was there before this upload, in between.
    place: async (temporary, fileHash) => {
      if (!(await has(fileHash))) await put(temporary, fileHash)
    },
    has,
    remove: async (fileHash) => void (await asking(client.send(new DeleteObjectCommand(at(fileHash))))),
    list,
    read: (fileHash, range) =>
      Readable.from(bytesOf(fileHash, range?.start ?? 0, range?.end ?? null), { objectMode: false }),
    freeBytes: async () => null,
    sweep: abortStale,
  }
}
