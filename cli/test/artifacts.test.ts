import type { ArtifactPin } from "@skypanel/contract/Artifacts"
import { describe, expect, it } from "vitest"
import { readTarget } from "../src/commands/cache/pins.ts"
import { usePlatform } from "./usePlatform.ts"

const { run, platform } = usePlatform()

describe("the artifact store", () => {
  it("is shown with size, whose it is, hit rate and damage", async () => {
    const { out } = await run("cache", "status")
    expect(out).toContain("300 MiB in 12 files")
    expect(out).toContain("12, of which 2 buried (20 MiB)")
    expect(out).toContain("75.0 % of 4 requests in 7 days")
    expect(out).toMatch(/acme +4 +100 MiB +200 MiB/)
    expect(out).toMatch(/changed .*-shop +acme\/web:3/)
  })

  it("says what would go, and why", async () => {
    const { out } = await run("cache", "plan")
    expect(out).toContain(
      "would bury 1 image and 1 path (7 MiB), and delete 2 that were buried before (9 MiB)",
    )
    expect(out).toContain("3 MiB over the budget")
    expect(out).toMatch(/aaaaaaaaaaaa +acme\/web +1, 2 +the store is over its budget/)
  })

  it("is collected, and waited for", async () => {
    expect((await run("cache", "collect")).out).toContain("The collection goes on")
    const { code, out, err } = await run("cache", "collect", "--wait")
    expect([code, out]).toEqual([
      0,
      "The collection is done: buried 3 paths and 0 images, deleted 2 files (5 MiB).\n",
    ])
    expect(err).toContain("The collection goes on")
  })

  it("is verified; what is damaged is repaired after a question", async () => {
    expect(JSON.parse((await run("cache", "verify", "--json")).out)).toMatchObject({ kind: "verification" })
    const asked = await run("cache", "repair")
    expect([asked.code, asked.err.includes("Add --yes")]).toEqual([2, true])
    expect((await run("cache", "repair", "--yes")).out).toContain("1 of 1 damaged file to be uploaded again")
  })

  it("keeps what is pinned", async () => {
    const pinned = await run("cache", "pin", "acme/web:3", "--reason", "the audit wants it", "--json")
    const [pin] = JSON.parse(pinned.out) as ReadonlyArray<ArtifactPin>
    expect(pin?.release).toEqual({ organization: "acme", service: "web", number: 3 })
    expect((await run("cache", "pins")).out).toMatch(/pin_1 +acme\/web:3 .*the audit wants it/)
    expect((await run("cache", "unpin", "pin_1")).out).toBe("Nothing is pinned.\n")
    expect((await run("cache", "unpin", "pin_1")).code).toBe(4)
    expect(readTarget("/nix/store/x-y")).toEqual({ storePath: "/nix/store/x-y" })
  })

  it("has budgets, which are changed one at a time", async () => {
    const { out } = await run("cache", "keep", "--total", "200GiB", "--releases", "5")
    expect(out).toMatch(/Whole store +200 GiB\nEach organization +no bound\nReleases kept +the newest 5 /)
    expect((await run("cache", "keep", "--total", "none")).out).toMatch(
      /Whole store +no bound\n[\s\S]*the newest 5 /,
    )
    const wrong = await run("cache", "keep", "--total", "much", "--grace-hours", "1")
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain("write a size such as 200GiB")
  })

  it("is for administrators", async () => {
    platform().state.fleet.administrator = false
    expect((await run("cache", "status")).code).toBe(4)
  })
})
