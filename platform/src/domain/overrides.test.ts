import type { Source } from "@skypanel/contract/Source"
import { expect, test } from "vitest"
import { withOverrides } from "./overrides.ts"

const git: Source = { _tag: "git", url: "https://example.org/x.git", ref: null }
const folder: Source = {
  _tag: "folder",
  digest: "a".repeat(64) as never,
  files: 1,
  bytes: 1,
  origin: "push",
  revision: null,
}
const overrides = { start: { process: "worker" } }

test("what is pushed or uploaded keeps what the service says, and another source says its own", () => {
  expect(withOverrides(folder, { ...git, overrides })).toEqual({ ...folder, overrides })
  expect(withOverrides({ ...git, overrides: { build: { path: "web" } } }, { ...git, overrides })).toEqual({
    ...git,
    overrides: { build: { path: "web" } },
  })
  expect(withOverrides(git, null)).toEqual(git)
  expect(withOverrides(git, { _tag: "image", reference: "nginx" })).toEqual(git)
})
test("empty ones take it back", () => {
  expect(withOverrides({ ...git, overrides: {} }, { ...git, overrides })).toEqual(git)
  expect(withOverrides({ ...git, overrides: { build: {} } }, null)).toEqual(git)
})
test("no other source has them", () => {
  const image: Source = { _tag: "image", reference: "nginx" }
  expect(withOverrides(image, { ...git, overrides })).toEqual(image)
})
