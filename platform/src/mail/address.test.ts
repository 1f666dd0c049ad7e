import { describe, expect, it } from "vitest"
import { isMailAddress, parseMailbox } from "./address.ts"

describe("an address", () => {
  it.each(["a@b", "first.last+tag@mail.example.com", "ünïcode@exämple.com"])("may be %s", (text) =>
    expect(isMailAddress(text)).toBe(true),
  )

  it.each([
    "",
    "somebody",
    "@example.com",
    "a@",
    "a@b@c",
    "a@b.example, c@d.example",
    "A <a@b.example>",
    "a@b.example\r\nRCPT TO:<c@d.example>",
    "a b@c.example",
    '"a"@b.example',
    `${"a".repeat(65)}@b.example`,
  ])("may not be %j", (text) => expect(isMailAddress(text)).toBe(false))
})

describe("whom e-mails come from", () => {
  it("is an address, with a name or without", () => {
    expect(parseMailbox("sky@example.com")).toEqual({ name: "", address: "sky@example.com" })
    expect(parseMailbox('"Sky, the Panel" <sky@example.com>')).toEqual({
      name: "Sky, the Panel",
      address: "sky@example.com",
    })
  })

  it.each(["", "SkyPanel", "a@b.example, c@d.example", "Sky\nBcc: x@y.example <a@b.example>"])(
    "is not %j",
    (text) => expect(parseMailbox(text)).toBe(null),
  )
})
