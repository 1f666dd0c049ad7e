import { expect, it } from "vitest"
import { hideInvisible } from "./invisible.ts"

/** Shape what is seen: emoji of several parts, Persian, Mongolian, variants of Chinese characters. */
const shaping = /\u034f|[\u180b-\u180d]|\u180f|\u200c|\u200d|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u

it("is what Unicode says is not seen, but the tab and what shapes others", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code)
    const expected = unseen.test(character) && !shaping.test(character) && character !== "\t" ? "" : character
    if (hideInvisible(character, "") !== expected) expect.fail(`U+${code.toString(16)}`)
  }
})

it.each([
  ["user\u202egnp.exe", "usergnp.exe"],
  ["pay\u200bpal\u2066.com", "paypal.com"],
  ["a\u0000b\u009bc\u007fd", "abcd"],
  ["tab\tstays", "tab\tstays"],
  ["👩‍👩‍👧 ❤️ می‌خواهم 日本 ünïcödé", "👩‍👩‍👧 ❤️ می‌خواهم 日本 ünïcödé"],
])("%j", (text, seen) => expect(hideInvisible(text, "")).toBe(seen))

it("puts one space where several were", () => {
  expect(hideInvisible("a\r\n\u2028\u200bb", " ")).toBe("a b")
})
