import { Redacted, Result } from "effect"

/** A bucket of S3 or of what speaks like it (Ceph, Garage, MinIO, OpenStack Swift). */
export interface Bucket {
  /** Of the service, without the bucket's name. */
  readonly endpoint: string
  readonly name: string
  /** Of every key, ending in `/`; or empty. */
  readonly prefix: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: Redacted.Redacted
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const nameForm = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const prefixForm = /^(?:[A-Za-z0-9._-]+\/)*$/

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/**
 * Reads `https://access:secret@host[:port]/bucket[/prefix][?region=…]`, the keys percent-encoded. Says what is wrong
 * without saying what is in it.
 */
export const parseBucketUrl = (text: string): Result.Result<Bucket, string> => {
  if (!URL.canParse(text)) return Result.fail("it is no URL")
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:") return Result.fail("it begins with no https://")
  const accessKey = decoded(url.username)
  const secretKey = decoded(url.password)
  if (accessKey === null || secretKey === null) return Result.fail("its keys are not percent-encoded")
  if (accessKey === "" || secretKey === "") return Result.fail("it has no access:secret@ before the host")
  const [, name = "", ...rest] = url.pathname.replace(/\/$/, "").split("/")
  if (!nameForm.test(name)) return Result.fail("its first part after the host is no bucket's name")
  const prefix = rest.map((part) => `${part}/`).join("")
  if (!prefixForm.test(prefix)) return Result.fail("what follows the bucket's name is no plain prefix")
  const unknown = Array.from(url.searchParams.keys()).find((key) => key !== "region")
  if (unknown !== undefined) return Result.fail("it has parameters other than region")
  return Result.succeed({
    endpoint: url.origin,
    name,
    prefix,
    region: url.searchParams.get("region") || "us-east-1",
    accessKey,
    secretKey: Redacted.make(secretKey),
  })
}
