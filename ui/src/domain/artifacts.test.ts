import { defaultArtifactPolicy } from "@skypanel/contract/Artifacts"
import { expect, it } from "vitest"
import { formOfKeep, hitRate, readKeep, readPinTarget } from "./artifacts.ts"

it("reads back what it shows", () => {
  const policy = { ...defaultArtifactPolicy, totalBytes: 200 * 1024 ** 3 }
  expect(readKeep(formOfKeep(policy))).toEqual({ request: policy, issues: [] })
})

it("names each field that cannot be read", () => {
  const form = { ...formOfKeep(defaultArtifactPolicy), totalBytes: "much", graceHours: "a day" }
  expect(readKeep(form).issues.map(({ path }) => path)).toEqual(["totalBytes", "graceHours"])
})

it.each([
  ["acme/web:3", { release: { organization: "acme", service: "web", number: 3 } }],
  [" /nix/store/abc-x ", { storePath: "/nix/store/abc-x" }],
])("reads %j as what is to be pinned", (text, target) => expect(readPinTarget(text)).toEqual(target))

it("has no hit rate where nobody asked", () => {
  const traffic = [
    { kind: "nar", hits: 3, misses: 1 },
    { kind: "blob", hits: 0, misses: 0 },
  ] as const
  expect(hitRate({ traffic }, "nar")).toEqual({ share: 0.75, asked: 4 })
  expect([hitRate({ traffic }, "blob"), hitRate({ traffic }, "narinfo")]).toEqual([null, null])
})
