import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseSmtpUrl } from "./smtpUrl.ts"

const read = (url: string) => Result.getOrThrow(parseSmtpUrl(url))
const problem = (url: string) => {
  const parsed = parseSmtpUrl(url)
  return Result.isFailure(parsed) ? parsed.failure : "none"
}

describe("the URL of the mail server", () => {
  it("names host, port, user and password", () => {
    expect(read("smtp://sky:p%40ss%2Fw%C3%B6rd@mail.example.com:2525")).toEqual({
      host: "mail.example.com",
      port: 2525,
      tls: "required",
      anyCertificate: false,
      login: { user: "sky", password: "p@ss/wörd" },
    })
    expect(read("smtps://mail.example.com/")).toMatchObject({ port: 465, tls: "always", login: null })
    expect(read("smtp://[2001:db8::1]")).toMatchObject({ host: "2001:db8::1", port: 587 })
  })

  it.each([
    ["smtp://mail.example.com", "required"],
    ["smtp://10.0.0.1", "required"],
    ["smtp://127.0.0.1.example.com", "required"],
    ["smtp://mail.example.com?requireTLS=false", "offered"],
    ["smtp://localhost", "never"],
    ["smtp://127.0.0.1:25", "never"],
    ["smtp://[::1]", "never"],
    ["smtp://localhost?requireTLS=true", "required"],
    ["smtps://localhost", "always"],
    ["smtps://mail.example.com?requireTLS=false", "always"],
  ])("%s: TLS is %s", (url, tls) => expect(read(url).tls).toBe(tls))

  it("takes an unknown certificate only when it says so", () => {
    expect(read("smtps://a.example?tls.rejectUnauthorized=true").anyCertificate).toBe(false)
    expect(read("smtps://a.example?tls.rejectUnauthorized=false").anyCertificate).toBe(true)
  })

  it.each([
    ["mail.example.com", "must be"],
    ["http://mail.example.com", "must begin with smtp://"],
    ["smtp://", "names no host"],
    ["smtp://a b.example", "must be"],
    ["smtp://a%0d%0ab.example", "names no host"],
    ["smtp://mail.example.com:0", "port 0"],
    ["smtp://mail.example.com/inbox", "behind the host"],
    ["smtp://sky@mail.example.com", "both user and password"],
    ["smtp://sky:100%@mail.example.com", "%25"],
    ["smtp://mail.example.com?secure=false", "unknown option"],
    ["smtp://mail.example.com?requireTLS=no", "true or false"],
  ])("refuses %s", (url, expected) => expect(problem(url)).toMatch(expected))

  it("never says the password", () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        expect(problem(`smtp://sky:hunter2@mail.example.com${rest}`)).not.toMatch("hunter2")
      }),
    )
  })
})
