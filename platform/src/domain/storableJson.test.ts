import { expect, it } from "vitest"
import { storableJson } from "./storableJson.ts"

it.each([
  [
    { a: "one\0two", b: ["\ud800", { c: "\udfff!" }] },
    { a: "one\ufffdtwo", b: ["\ufffd", { c: "\ufffd!" }] },
  ],
  [
    { a: "\\u0000", b: "😀 é", n: 1.5, x: null },
    { a: "\\u0000", b: "😀 é", n: 1.5, x: null },
  ],
])("%j", (said, kept) => {
  expect(JSON.parse(storableJson(JSON.stringify(said)))).toEqual(kept)
})

it("is the very text where nothing is in the way, and where it is no JSON", () => {
  for (const text of ['{"a": "é"}', '{"a": "\\u0000']) expect(storableJson(text)).toBe(text)
})
