import type { Source } from "@skypanel/contract/Source"
import { expect, test } from "vitest"
import { asUploaded } from "./claimedSource.ts"

test("a folder that a request names was uploaded, whatever it says of itself", () => {
  const folder = { _tag: "folder", digest: "d".repeat(64), files: 1, bytes: 2 } as const
  const claimed: Source = { ...folder, origin: "push", revision: "f".repeat(40) }
  expect(asUploaded({ name: "web", source: claimed })).toEqual({
    name: "web",
    source: { ...folder, origin: "upload", revision: null },
  })
  const other = { source: { _tag: "template", template: "static" } as Source }
  for (const request of [{}, other]) expect(asUploaded(request)).toBe(request)
})
