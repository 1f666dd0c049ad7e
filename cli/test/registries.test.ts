import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, runWith } = usePlatform()
const password = "a-password-that-nobody-sees"

describe("a registry's credential", () => {
  it("is given once, listed without what is secret, and removed", async () => {
    expect((await run("registries", "list")).out).toBe("There is no credential for any registry.\n")
    const given = await runWith(`${password}\n`, "registries", "add", "ghcr.io", "--username", "bot")
    expect(given).toMatchObject({ code: 0, err: "" })
    expect(given.out).toContain("ghcr.io")
    expect(given.out).not.toContain(password)
    expect(platform().state.requests).toContain(`registry ghcr.io bot ${password}`)
    expect(JSON.parse((await run("registries", "list", "--json")).out)).toMatchObject([
      { registry: "ghcr.io", username: "bot" },
    ])
    expect((await run("registries", "remove", "quay.io")).code).toBe(4)
    expect((await run("registries", "remove", "ghcr.io")).out).toContain("no credential")
  })

  it("is refused with what is wrong with it", async () => {
    expect((await runWith("", "registries", "add", "ghcr.io", "--username", "bot")).code).toBe(2)
    expect((await runWith("x y\n", "registries", "add", "ghcr.io", "--username", "bot")).err).toContain(
      "password",
    )
  })
})

it("an image is deployed by its reference", async () => {
  expect((await run("deploy", "cache", "--image", "ghcr.io/example/cache:1.4")).code).toBe(0)
  expect(platform().state.services.get("cache")?.service.source).toEqual({
    _tag: "image",
    reference: "ghcr.io/example/cache:1.4",
  })
  expect((await run("deploy", "cache", "--image", "x", "--git", "https://git.example.com/a.git")).code).toBe(
    2,
  )
})
