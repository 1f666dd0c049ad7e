import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  formatImageReference,
  imageReferenceMax,
  parseImageReference,
  parseRegistry,
} from "./ImageReference.ts"

const strict = { allowPrivate: false }
const parsed = (text: string, policy = strict) => {
  const result = parseImageReference(text, policy)
  return Result.isSuccess(result) ? formatImageReference(result.success) : null
}
const digest = `sha256:${"0123456789abcdef".repeat(4)}`

describe("a reference", () => {
  it.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["grafana/grafana", "docker.io/grafana/grafana:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest"],
    ["index.docker.io/library/nginx", "docker.io/library/nginx:latest"],
    ["ghcr.io/Owner/App".toLowerCase(), "ghcr.io/owner/app:latest"],
    ["GHCR.io/owner/app:v1", "ghcr.io/owner/app:v1"],
    ["registry.example.com:5000/a/b/c:x_1.2-3", "registry.example.com:5000/a/b/c:x_1.2-3"],
    [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
    [`quay.io/a/b:1@${digest}`, `quay.io/a/b:1@${digest}`],
    ["[2606:4700::1111]:5000/a", "[2606:4700::1111]:5000/a:latest"],
    ["a.b/c__d/e--f.g_h", "a.b/c__d/e--f.g_h:latest"],
  ])("%s is %s", (text, whole) => expect(parsed(text)).toBe(whole))

  it.each([
    "",
    " nginx",
    "nginx ",
    "Nginx",
    "nginx:",
    "nginx:-x",
    `nginx:${"x".repeat(129)}`,
    "nginx@",
    "nginx@sha256:abc",
    `nginx@${digest.toUpperCase()}`,
    `nginx@sha512:${"0".repeat(128)}`,
    `nginx@${digest}@${digest}`,
    "https://ghcr.io/a/b",
    "user:secret@ghcr.io/a/b",
    "a.b/../c",
    "a.b//c",
    "/nginx",
    "nginx/",
    "a.b/",
    "a.b:0/c",
    "a.b:65536/c",
    "a.b:x/c",
    "-a.b/c",
    "a..b/c",
    "a.b/c\nd",
    "a.b/c?d",
    "a.b/c%2e",
    "ghcr.io/a b",
    "localhost/a",
    "localhost:5000/a",
    "127.0.0.1:5000/a",
    "127.1:80/a",
    "0x7f.1/a",
    "10.0.0.1/a",
    "169.254.169.254/a",
    "[::1]:5000/a",
    "[::ffff:127.0.0.1]/a",
    "printer.local/a",
    "x".repeat(imageReferenceMax + 1),
  ])("%j is refused", (text) => expect(parsed(text)).toBeNull())

  it("may lead to this machine where development allows it", () =>
    expect(parsed("127.0.0.1:5000/a", { allowPrivate: true })).toBe("127.0.0.1:5000/a:latest"))

  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/)
  const host = fc
    .tuple(
      word,
      fc.constantFrom("example.com", "ghcr.io", "r-1.example.org"),
      fc.option(fc.integer({ min: 1, max: 65535 })),
    )
    .map(([name, domain, port]) => `${name}.${domain}${port === null ? "" : `:${port}`}`)
  const path = fc
    .array(
      fc.tuple(word, fc.constantFrom(".", "_", "__", "-", "---"), word).map((parts) => parts.join("")),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((parts) => parts.join("/"))
  const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/)
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/)

  it("is the same when its whole form is read again, and in each part", () =>
    fc.assert(
      fc.property(fc.option(host), path, fc.option(tag), fc.option(hex), (registry, repository, tag, hex) => {
        const text = `${registry === null ? "" : `${registry}/`}${repository}${tag === null ? "" : `:${tag}`}${hex === null ? "" : `@sha256:${hex}`}`
        const first = parseImageReference(text, strict)
        if (Result.isFailure(first)) throw new Error(`${text}: ${first.failure.reason}`)
        expect(first.success.tag).toBe(tag ?? (hex === null ? "latest" : null))
        expect(first.success.digest).toBe(hex === null ? null : `sha256:${hex}`)
        const again = parseImageReference(formatImageReference(first.success), strict)
        expect(again).toEqual(first)
      }),
    ))

  it("of any text is refused or leads to the registry that it names, and nowhere else", () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(..."ab.:/@-_[]%?# \\\n01A".split("")), maxLength: 40 }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const result = parseImageReference(text, { allowPrivate: true })
        if (Result.isFailure(result)) return
        const { registry, repository } = result.success
        const url = new URL(`https://${registry}/v2/${repository}/manifests/x`)
        expect(url.pathname).toBe(`/v2/${repository}/manifests/x`)
        expect([url.username, url.password, url.search, url.hash]).toEqual(["", "", "", ""])
      }),
      { numRuns: 2000 },
    )
  })
})

describe("a registry", () => {
  it.each([
    ["ghcr.io", "ghcr.io"],
    ["docker.io", "docker.io"],
    ["index.docker.io", "docker.io"],
    ["Registry.Example.com:5000", "registry.example.com:5000"],
    ["nginx", null],
    ["ghcr.io/owner", null],
    ["https://ghcr.io", null],
    ["127.0.0.1:5000", null],
    ["", null],
  ])("%s is %s", (text, registry) => expect(parseRegistry(text, strict)).toBe(registry))
})
