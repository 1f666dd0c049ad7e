import { Redacted, Result } from "effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import { parseBucketUrl } from "./bucketUrl.ts"

const of = (text: string) => Result.getOrThrow(parseBucketUrl(text))

it("reads a bucket with its keys, prefix and region", () => {
  const bucket = of("https://AKIA:a%2Fb%2B@s3.example.com:9000/nars/sky/panel?region=eu-central-1")
  expect(bucket).toMatchObject({
    endpoint: "https://s3.example.com:9000",
    name: "nars",
    prefix: "sky/panel/",
    region: "eu-central-1",
    accessKey: "AKIA",
  })
  expect(Redacted.value(bucket.secretKey)).toBe("a/b+")
  expect(of("http://a:b@127.0.0.1:1/nars/")).toMatchObject({ prefix: "", region: "us-east-1" })
})

it.each([
  ["nars", /no URL/],
  ["s3://a:b@nars/x", /https/],
  ["https://s3.example.com/nars", /access:secret@/],
  ["https://a:%zz@s3.example.com/nars", /percent/],
  ["https://a:b@s3.example.com/", /bucket's name/],
  ["https://a:b@s3.example.com/N", /bucket's name/],
  ["https://a:b@s3.example.com/nars/a b", /prefix/],
  ["https://a:b@s3.example.com/nars?acl=public", /parameters/],
])("says what is wrong with %s", (text, problem) => {
  expect(parseBucketUrl(text)).toMatchObject({ failure: expect.stringMatching(problem) })
})

it("takes every key that is encoded, and never says one", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("nars", "N"), (some, name) => {
      const secret = `Hush ${some}`
      const read = parseBucketUrl(`https://key:${encodeURIComponent(secret)}@s3.example.com/${name}`)
      expect(JSON.stringify(read)).not.toContain("Hush")
      if (Result.isSuccess(read)) expect(Redacted.value(read.success.secretKey)).toBe(secret)
    }),
  )
})
