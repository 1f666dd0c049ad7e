import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ServiceException,
} from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { Redacted } from "effect"
import type { Bucket } from "../../domain/artifacts/bucketUrl.ts"
import { type FoundFile, hashInName, isAbsent, type NarStorage, nameOfNar } from "./NarStorage.ts"

/** A file of up to this goes in one request; a larger one in parts of this, of which there may be 10,000. */
const partBytes = 8 * 1024 * 1024
const connectMs = 5_000
/** Of a connection on which nothing moves. */
const idleMs = 30_000
/** For an answer to begin: to a question, to a download, and to a part that is sent, slow lines included. */
const answerMs = { asking: 5_000, reading: 30_000, sending: 900_000 }
/** A reader keeps a connection for as long as it reads; questions must not wait for those. */
const connections = { asking: 64, reading: 1_000, sending: 64 }
/** Times in a row that a download breaks off without a byte. */
const emptyMost = 3
/** So long it is believed that the bucket itself is there. */
const bucketMs = 60_000

const absent = new Set(["NotFound", "NoSuchKey", "NoSuchUpload"])
const full = new Set(["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"])

const isAnswer = (error: unknown): error is S3ServiceException =>
  typeof (error as S3ServiceException).$metadata?.httpStatusCode === "number"

const fails = (message: string, code: string) => Object.assign(new Error(message), { code, isSaid: true })
const isSaid = (error: unknown): error is Error => (error as { isSaid?: boolean }).isSaid === true

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

const clientFor = (bucket: Bucket, what: "asking" | "reading" | "sending") => {
  const agent = { keepAlive: true, maxSockets: connections[what] }
  return new S3Client({
    endpoint: bucket.endpoint,
    region: bucket.region,
    credentials: { accessKeyId: bucket.accessKey, secretAccessKey: Redacted.value(bucket.secretKey) },
    forcePathStyle: true,
    maxAttempts: 2,
    // Checksums that only AWS knows; what is read is checked against its row by `verify`, and by whoever pulls it.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs[what],
      throwOnRequestTimeout: true,
      socketTimeout: idleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  })
}

/** NARs in a bucket, each an object that never changes. */
export const inBucket = (bucket: Bucket): NarStorage => {
  const client = clientFor(bucket, "asking")
  const reader = clientFor(bucket, "reading")
  const sender = clientFor(bucket, "sending")
  const keyOf = (fileHash: string) => `${bucket.prefix}${nameOfNar(fileHash)}`
  const at = (fileHash: string) => ({ Bucket: bucket.name, Key: keyOf(fileHash) })
  const asking = <A>(request: Promise<A>): Promise<A> =>
    request.catch((error) => {
      throw asDisk(bucket, error)
    })

  /** The answer about an object is the same when there is no bucket: then nothing is known of what is in it. */
  let seenMs = Number.NEGATIVE_INFINITY
  const expectBucket = async () => {
    if (performance.now() - seenMs < bucketMs) return
    const gone = () => fails(`there is no bucket ${bucket.name}`, "EIO")
    await asking(client.send(new HeadBucketCommand({ Bucket: bucket.name }))).catch((error) => {
      throw isAbsent(error) ? gone() : error
    })
    seenMs = performance.now()
  }

  const has = async (fileHash: string) => {
    try {
      await asking(client.send(new HeadObjectCommand(at(fileHash))))
      return true
    } catch (error) {
      if (!isAbsent(error)) throw error
      await expectBucket()
      return false
    }
  }

  const put = async (temporary: string, fileHash: string, signal: AbortSignal) => {
    signal.throwIfAborted()
    const body = createReadStream(temporary, { highWaterMark: 1024 * 1024 })
    const params = { ...at(fileHash), Body: body, ContentType: "application/x-nix-nar" }
    const upload = new Upload({ client: sender, params, partSize: partBytes, queueSize: 2 })
    const abort = () => void upload.abort()
    signal.addEventListener("abort", abort)
    await asking(upload.done()).finally(() => {
      signal.removeEventListener("abort", abort)
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

  /** Bytes from `next` on. `last` is null for whoever does not know how many there are. */
  const open = async (fileHash: string, next: number, last: number | null) => {
    const Range = next === 0 && last === null ? undefined : `bytes=${next}-${last ?? ""}`
    const answer = await asking(reader.send(new GetObjectCommand({ ...at(fileHash), Range })))
    if (Range !== undefined && !answer.ContentRange?.startsWith(`bytes ${next}-`)) {
      ;(answer.Body as Readable).destroy()
      throw fails(`the bucket ${bucket.name} answers other bytes than it was asked for`, "EIO")
    }
    return { body: answer.Body as Readable, last: last ?? next + (answer.ContentLength ?? 0) - 1 }
  }

  /** A download that breaks off is taken up where it was: the object cannot have changed. */
  async function* bytesOf(fileHash: string, from: number, end: number | null): AsyncGenerator<Buffer> {
    let next = from
    let last = end
    for (let empty = 0; last === null || next <= last; empty++) {
      try {
        const opened = await open(fileHash, next, last)
        last = opened.last
        for await (const bytes of opened.body) {
          next += bytes.length
          empty = 0
          yield bytes
        }
      } catch (error) {
        if (isAbsent(error) || empty >= emptyMost) throw isSaid(error) ? error : asDisk(bucket, error)
      }
      if (empty > emptyMost) throw fails(`the bucket ${bucket.name} sends less than it says`, "EIO")
    }
  }

  const abortStale = async (staleMs: number) => {
    const Prefix = `${bucket.prefix}nar/`
    for (let KeyMarker: string | undefined, UploadIdMarker: string | undefined, more = true; more; ) {
      const page = await asking(
        client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix, KeyMarker, UploadIdMarker }),
        ),
      )
      for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
        if (Initiated !== undefined && Date.now() - Initiated.getTime() > staleMs)
          await asking(
            client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId })),
          ).catch((error) => {
            if (!isAbsent(error)) throw error
          })
      KeyMarker = page.NextKeyMarker
      UploadIdMarker = page.NextUploadIdMarker
      more = page.IsTruncated === true && KeyMarker !== undefined && KeyMarker !== ""
    }
  }

  return {
    approach: put,
    // A collection may have removed in between what it took for the same file of an upload that was cut off.
    place: async (_, fileHash) => {
      if (!(await has(fileHash))) throw fails("it was collected as it was stored: send it again", "EIO")
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
