import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { token } from "./FakePlatform.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, file, run, runWith } = usePlatform()

const git = (...args: ReadonlyArray<string>) =>
  execFileSync("git", ["-C", file("."), ...args], { encoding: "utf8" }).replace(/\n$/, "")

describe("git remote", () => {
  it("sets the remote and the token's helper up, again without doubling them", async () => {
    const outside = await run("git", "remote", "shop")
    expect(outside.code).toBe(2)
    expect(outside.err).toMatch(/no Git repository[\s\S]*skypanel deploy shop --dir \./)
    git("init", "--quiet")
    expect((await run("git", "remote", "Bad_Name")).code).toBe(2)
    for (const name of ["other", "shop"]) expect((await run("git", "remote", name)).code).toBe(0)
    expect(git("remote", "get-url", "skypanel")).toBe(`${platform().url}/git/acme/shop.git`)
    const helpers = git("config", "--local", "--get-all", `credential.${platform().url}.helper`).split("\n")
    expect(helpers).toEqual(["", expect.stringMatching(/^!'.*skypanel\.mjs' git credential$/)])
    expect(JSON.parse((await run("git", "remote", "shop", "--json")).out)).toEqual({
      remote: "skypanel",
      url: `${platform().url}/git/acme/shop.git`,
    })
  })

  it("tells Git the token for its own platform, and for no other place", async () => {
    const { host } = new URL(platform().url)
    const asked = (protocol: string, place: string, operation = "get") =>
      runWith(`protocol=${protocol}\nhost=${place}\n\n`, "git", "credential", operation)
    expect((await asked("http", host)).out).toBe(`username=skypanel\npassword=${token}\n`)
    for (const [protocol, place, operation] of [
      ["http", "evil.example.org", "get"],
      ["https", host, "get"],
      ["http", host, "store"],
    ] as const)
      expect(await asked(protocol, place, operation)).toMatchObject({ code: 0, out: "" })
  })
})
