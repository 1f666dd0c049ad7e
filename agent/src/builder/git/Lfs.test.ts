import { parseGitUrl } from "@skypanel/contract/GitUrl"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import type { FailedFetch } from "./GitOutput.ts"
import { explainLfs } from "./LfsFailure.ts"
import { pointedBytes } from "./LfsPointer.ts"
import { lfsRemote, readLfsConfig } from "./LfsUrl.ts"
import type { Remote } from "./Submodules.ts"

const oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"

describe("a pointer", () => {
  it("says how large its file is", () => {
    const version = "version https://git-lfs.github.com/spec/v1\n"
    expect(pointedBytes(`${version}oid sha256:${oid}\nsize 12345\n`)).toBe(12345)
    expect(pointedBytes(`${version}ext-0-foo sha256:${oid}\noid sha256:${oid}\nsize 1\n`)).toBe(1)
    expect(pointedBytes(`version https://hawser.github.com/spec/v1\noid sha256:${oid}\nsize 0\n`)).toBe(0)
  })
  it.each([
    "",
    "version https://git-lfs.github.com/spec/v1\n",
    `version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1000000000000\n`,
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize -1\n`,
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 1\nmore\n`,
  ])("is not %j", (text) => expect(pointedBytes(text)).toBeNull())
})

describe("where LFS files are", () => {
  const remote = (text: string): Remote => ({
    url: Result.getOrThrow(parseGitUrl(text, { allowPrivate: false })),
    access: { _tag: "token", username: "git", token: "a-token" },
  })
  const at = (text: string, output = "") => {
    const found = lfsRemote(remote(text), readLfsConfig(output), { allowPrivate: false })
    if (Result.isFailure(found)) return found.failure.reason
    return `${found.success.url.href} ${found.success.access === null ? "without" : "with"} token`
  }
  const app = "https://git.example.com/acme/app"

  it("is beside the repository, for which the token is", () => {
    expect(at(app)).toBe(`${app}.git/info/lfs with token`)
    expect(at(`${app}.git`)).toBe(`${app}.git/info/lfs with token`)
    expect(at(`${app}.git/`)).toBe(`${app}.git/info/lfs with token`)
    expect(at("https://git.example.com/app.git")).toBe("https://git.example.com/app.git/info/lfs with token")
    expect(at("ssh://git@git.example.com/acme/app")).toBe("ssh://git@git.example.com/acme/app with token")
  })
  it("is where .lfsconfig says, with the token only at its owner's", () => {
    expect(at(app, "lfs.url\nhttps://git.example.com/acme/files.git/info/lfs\0")).toMatch(/ with token$/)
    for (const other of [
      "https://git.example.com/other/files.git/info/lfs",
      "https://lfs.example.org/acme/files",
      "ssh://git@git.example.com/acme/files",
    ])
      expect(at(app, `lfs.url\n${other}\0`)).toBe(`${other} without token`)
  })
  it.each(["file:///srv", "http://git.example.com/x", "https://127.0.0.1/x", "https://a:b@example.org/x"])(
    "is not %s",
    (url) => expect(at(app, `lfs.url\n${url}\0`)).not.toContain("token "),
  )
  it("may be left out in part", () => {
    expect(readLfsConfig("")).toEqual({ url: null, selects: false })
    expect(readLfsConfig("lfs.fetchexclude\n*.psd\0lfs.url\n\0")).toEqual({ url: null, selects: true })
  })
})

describe("LFS files that were not fetched", () => {
  const failed: FailedFetch = {
    url: "https://git.example.com/acme/app.git/info/lfs",
    ref: null,
    access: "token",
    lines: [],
    certificate: null,
    events: [],
    stopped: null,
    seconds: 120,
    sourceBytes: 1024 ** 2,
  }
  const explain = (...lines: ReadonlyArray<string>) => explainLfs({ ...failed, lines }, 10).failure
  it.each([
    [
      `[${oid}] Object does not exist on the server: [404] Object does not exist`,
      "source-not-found",
      /does not have a file/,
    ],
    ["batch response: This repository is over its data quota.", "source-not-found", /quota/],
    [
      "batch response: Authentication required: Authorization error: https://x",
      "credential-refused",
      /access token/,
    ],
    ["something that nobody has seen", "source-not-found", /does not give the files/],
  ])("%s", (line, code, title) => {
    expect(explain(line)).toMatchObject({ code, title: expect.stringMatching(title) })
  })
  it("for being larger than they say", () => {
    const { failure } = explainLfs({ ...failed, events: [{ _tag: "limit" }] }, 10)
    expect(failure).toMatchObject({ code: "source-refused", title: expect.stringContaining("larger") })
  })
})
