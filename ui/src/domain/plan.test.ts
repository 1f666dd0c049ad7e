import type { PackagePlan } from "@skypanel/contract/Check"
import { describe, expect, it } from "vitest"
import { matching, totalsOf } from "./plan.ts"

const packages: PackagePlan["packages"] = [
  { name: "hello", version: "2.10", state: "to-build", direct: true, bytes: null },
  { name: "glibc", version: null, state: "on-builder", direct: false, bytes: 1 },
]
const plan: PackagePlan = {
  name: "web",
  version: null,
  state: "to-build",
  recognisedAs: "Nix expression",
  packages,
  totals: { packages: 2, toBuild: 1, toFetch: 0, inCache: 0, onBuilder: 1, bytesToFetch: 0 },
  cut: false,
}

describe("a plan", () => {
  it("is filtered by words of name, version and state", () => {
    expect(matching(packages, "").length).toBe(2)
    expect(matching(packages, " 2.1 HEL").map(({ name }) => name)).toEqual(["hello"])
    expect(matching(packages, "on builder").map(({ name }) => name)).toEqual(["glibc"])
    expect(matching(packages, "hello builder")).toEqual([])
  })
  it("tells only of what there is", () => {
    expect(totalsOf(plan)).toEqual(["2 packages", "1 to be built", "1 on the builder"])
    expect(totalsOf({ ...plan, cut: true })[0]).toBe("at least 2 packages")
  })
})
