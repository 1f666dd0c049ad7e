import type { SourceAccess } from "@skypanel/contract/BuildAssignment"
import { type GitUrl, parseGitUrl } from "@skypanel/contract/GitUrl"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { explainConfig } from "./ConfigFailure.ts"
import { accessTo, isPlainPath, moduleUrls, submoduleUrl } from "./Submodules.ts"

const policy = { allowPrivate: false }
const url = (text: string): GitUrl => Result.getOrThrow(parseGitUrl(text, policy))
const token: SourceAccess = { _tag: "token", username: "git", token: "a-token" }
const key: SourceAccess = { _tag: "key", privateKey: "", knownHosts: [] }

describe("a submodule's URL", () => {
  const app = url("https://git.example.com/acme/app.git")
  const from = (text: string, parent = app, source = app) => {
    const found = submoduleUrl(text, parent, source, policy)
    return Result.isSuccess(found) ? found.success.href : found.failure.reason
  }

  it.each([
    ["../lib.git", "https://git.example.com/acme/lib.git"],
    ["../../other/lib", "https://git.example.com/other/lib"],
    ["./below", "https://git.example.com/acme/app.git/below"],
    ["../../../../../etc/passwd", "https://git.example.com/etc/passwd"],
    ["https://elsewhere.example.org/lib.git", "https://elsewhere.example.org/lib.git"],
    // As actions/checkout has it: whoever fetches over https has no key.
    ["git@git.example.com:acme/lib.git", "https://git.example.com/acme/lib.git"],
    ["ssh://git@git.example.com/acme/lib.git", "https://git.example.com/acme/lib.git"],
    ["ssh://git@git.example.com:2222/acme/lib.git", "ssh://git@git.example.com:2222/acme/lib.git"],
    ["git@elsewhere.example.org:acme/lib.git", "ssh://git@elsewhere.example.org/acme/lib.git"],
  ])("%s is fetched from %s", (text, href) => expect(from(text)).toBe(href))

  it("goes by the repository that names it", () => {
    expect(from("../deep", url("https://elsewhere.example.org/lib/a.git/"))).toBe(
      "https://elsewhere.example.org/lib/deep",
    )
    const deep = url("git@git.example.com:acme/app.git")
    expect(from("../lib.git", deep, deep)).toBe("ssh://git@git.example.com/acme/lib.git")
    expect(from("ssh://git@git.example.com/acme/lib.git", deep, deep)).toBe(
      "ssh://git@git.example.com/acme/lib.git",
    )
  })

  it.each([
    "file:///etc",
    "/srv/git/lib.git",
    "ext::sh -c touch% /tmp/x",
    "--upload-pack=touch /tmp/x",
    "-x",
    "https://-x.example.com/a",
    "http://git.example.com/a.git",
    "git://git.example.com/a.git",
    "https://user:password@git.example.com/a.git",
    "https://127.0.0.1/a.git",
    "https://169.254.169.254/latest",
    "https://[::1]/a.git",
    "../lib\n../other",
    "ssh://git@host.example.com/-oProxyCommand=x",
    "",
  ])("%j is refused", (text) => {
    expect(Result.isFailure(submoduleUrl(text, app, app, policy))).toBe(true)
  })
})

describe("what a submodule is fetched with", () => {
  const given = (access: SourceAccess, at = "https://git.example.com/acme/app.git") => ({
    url: url(at),
    access,
  })
  it.each([
    "https://git.example.com/acme/lib.git",
    "https://git.example.com/acme/group/lib",
    "https://git.example.com:443/acme/lib/",
  ])("is the token at %s", (other) => expect(accessTo(given(token), url(other))).toBe(token))

  it.each([
    "https://git.example.com/other/lib.git",
    "https://git.example.com/acme",
    "https://git.example.com//acme/lib.git",
    "https://git.example.com/acme/..%2fother/lib.git",
    "https://git.example.com:8443/acme/lib.git",
    "https://git.example.com.example.org/acme/lib.git",
    "ssh://git@git.example.com/acme/lib.git",
  ])("is nothing at %s", (other) => expect(accessTo(given(token), url(other))).toBeNull())

  it("is nothing where whoever names it got nothing", () => {
    const without = { url: url("https://git.example.com/acme/app.git"), access: null }
    expect(accessTo(without, url("https://git.example.com/acme/lib.git"))).toBeNull()
  })

  it("is the token of a host without owners at its own repositories only", () => {
    const whole = given(token, "https://git.example.com/app.git")
    expect(accessTo(whole, url("https://git.example.com/lib.git"))).toBe(token)
    expect(accessTo(whole, url("https://git.example.com/acme/lib.git"))).toBeNull()
    expect(accessTo(whole, url("https://git.example.com//lib.git"))).toBeNull()
  })

  it("is a deploy key at its host, which opens what it was added to", () => {
    const whole = given(key, "ssh://git@git.example.com/acme/app.git")
    expect(accessTo(whole, url("git@git.example.com:other/lib.git"))).toBe(key)
    expect(accessTo(whole, url("ssh://git@git.example.com:2222/acme/lib.git"))).toBeNull()
    expect(accessTo(whole, url("https://git.example.com/acme/lib.git"))).toBeNull()
  })
})

it("the URL of each path is read, and nothing else", () => {
  const output = [
    "submodule.a.path\nvendor/a",
    "submodule.a.url\n../a.git",
    "submodule.with.dots.path\nb",
    "submodule.with.dots.url\nhttps://example.org/b",
    "submodule.line\n break.path\nc",
    "submodule.only-path.path\nd",
    "submodule.e.url\n../e",
    "",
  ].join("\0")
  expect([...moduleUrls(output)]).toEqual([
    ["vendor/a", "../a.git"],
    ["b", "https://example.org/b"],
  ])
  expect(moduleUrls("").size).toBe(0)
})

describe("a .gitmodules", () => {
  const explain = (exitCode: number | null, said: ReadonlyArray<string> = [], at = "") =>
    explainConfig(".gitmodules", at, { exitCode, signal: null, stopped: null }, said)?.failure ?? null
  const bad = "error: bad config line 4 in blob 1234:.gitmodules"

  it("may say nothing of submodules", () => {
    expect(explain(0)).toBeNull()
    expect(explain(1)).toBeNull()
    expect(explain(0, ["warning: something else"])).toBeNull()
  })

  it("cannot be read where git says so, as it ends with 1, with 0 after what is before, or otherwise", () => {
    for (const exitCode of [0, 1, 128])
      expect(explain(exitCode, [bad])).toMatchObject({
        code: "source-refused",
        title: "The file .gitmodules cannot be read.",
        lines: [bad],
      })
    expect(explain(null)).not.toBeNull()
    expect(explain(1, [bad], "lib")?.title).toBe("The file .gitmodules of the submodule lib cannot be read.")
  })

  it("has of git's words what there is room for", () => {
    const { lines } = explain(1, Array(100).fill(bad + "x".repeat(10_000)))!
    expect(lines.length).toBeLessThan(100)
    expect(Buffer.byteLength(lines[0]!)).toBeLessThan(2100)
  })
})

it.each([
  ["vendor/lib", true],
  ["-rf", true],
  ["with space", true],
  ['"with\\nline"', false],
  ["no utf-8 \ufffd", false],
  ["../out", false],
  ["a/../b", false],
  ["/absolute", false],
  ["a/.GIT/b", false],
  ["", false],
])("the path %j is taken: %s", (path, taken) => expect(isPlainPath(path)).toBe(taken))
