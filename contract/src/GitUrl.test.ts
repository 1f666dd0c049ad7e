import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { parseGitUrl } from "./GitUrl.ts"

const strict = { allowPrivate: false }
const accepted = (url: string, policy = strict) => Result.isSuccess(parseGitUrl(url, policy))

describe("parseGitUrl", () => {
  it.each([
    "https://example.com/owner/repository",
    "https://example.com:8443/owner/repository.git",
    "ssh://git@example.com/owner/repository.git",
    "ssh://git@example.com:2222/owner/repository",
    "git@example.com:owner/repository.git",
    "https://[2606:4700::1111]/owner/repository",
  ])("takes %s", (url) => expect(accepted(url)).toBe(true))

  it.each([
    "ext::sh -c id",
    "ext::sh",
    "file:///etc/passwd",
    "/etc/passwd",
    "../other",
    "git://example.com/a",
    "ftp://example.com/a",
    "http://example.com/a",
    "--upload-pack=id",
    "-oProxyCommand=id",
    "ssh://-oProxyCommand=id/a",
    "ssh://git@-oProxyCommand=id/a",
    "git@-oProxyCommand=id:a",
    "git@example.com:-oProxyCommand=id",
    "https://user:secret@example.com/a",
    "https://token@example.com/a",
    "https://example.com",
    "https://example.com/a b",
    "https://example.com/a\r\nHost: other",
    "https://example.com\\@other/a",
    "https://localhost/a",
    "https://LOCALHOST/a",
    "https://localhost./a",
    "https://metadata/a",
    "https://127.0.0.1/a",
    "https://127.1/a",
    "https://0177.0.0.1/a",
    "https://2130706433/a",
    "https://0x7f.1/a",
    "https://0/a",
    "https://10.1.2.3/a",
    "https://172.16.0.1/a",
    "https://172.31.255.255/a",
    "https://192.168.1.1/a",
    "https://169.254.169.254/a",
    "https://100.64.0.1/a",
    "https://224.0.0.1/a",
    "https://[::1]/a",
    "https://[::]/a",
    "https://[::ffff:127.0.0.1]/a",
    "https://[fd00:ec2::254]/a",
    "https://[fe80::1]/a",
    "ssh://git@127.0.0.1/a",
    "ssh://git@2130706433/a",
    "git@127.0.0.1:a",
    "https://printer.local/a",
    "",
    "https://",
    "not a url",
  ])("refuses %s", (url) => expect(accepted(url)).toBe(false))

  it("says why in words", () => {
    const refused = parseGitUrl("ext::sh", strict)
    expect(Result.isFailure(refused) && refused.failure.reason).toContain("ext:// is not allowed")
  })

  it("takes loopback and plain http only where development allows it", () => {
    expect(accepted("http://127.0.0.1:3000/a.git", { allowPrivate: true })).toBe(true)
    expect(accepted("file:///etc", { allowPrivate: true })).toBe(false)
    expect(accepted("ext::sh", { allowPrivate: true })).toBe(false)
  })
})
