import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Diagnostic, PackagePlan } from "@skypanel/contract/Check"
import { afterAll, describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, platform } = usePlatform()
const folder = mkdtempSync(join(tmpdir(), "skypanel-check-"))
const file = join(folder, "web.nix")
afterAll(() => rmSync(folder, { recursive: true }))

const missing: Diagnostic = {
  code: "evaluation-undefined",
  message: "There is no attribute “helo”.",
  detail: "",
  next: "Did you mean hello?",
  place: { file: "expression.nix", line: 2, column: 6, endColumn: 10 },
  suggestions: ["hello"],
}
const plan: PackagePlan = {
  name: "web",
  version: "1.2",
  state: "to-build",
  recognisedAs: "Nix expression",
  packages: [{ name: "hello", version: "2.10", state: "in-cache", direct: true, bytes: 2048 }],
  totals: { packages: 1, onBuilder: 0, inCache: 1, toFetch: 0, toBuild: 0, bytesToFetch: 1024 },
  cut: false,
}

describe("check", () => {
  it("prints what is wrong in its place, and ends with 1", async () => {
    writeFileSync(file, "{ pkgs, ... }:\npkgs.helo\n")
    platform().state.checked = { diagnostics: [missing] }
    const { code, out, err } = await run("check", file)
    expect(code).toBe(1)
    expect(out).toContain(`${file}:2:6: error: There is no attribute “helo”.\npkgs.helo\n     ^^^^\n`)
    expect(err).toContain("It cannot be built like this.")
    const json = await run("check", "--json", file)
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out).diagnostics).toEqual([missing])
  })

  it("prints the packages of what can be built: a file, a folder, a service", async () => {
    platform().state.checked = { plan }
    const { code, out } = await run("check", file)
    expect(code).toBe(0)
    expect(out).toContain("✓ web 1.2 (Nix expression): to be built")
    expect(out).toMatch(/hello +2\.10 +2 KiB +in the cache +the source/)
    expect(out).toContain("1 package: 1 in the cache; 1 KiB to fetch.")
    expect((await run("check", "--dir", folder)).code).toBe(0)
    expect((await run("check", "--service", "shop")).code).toBe(0)
    const asked = platform().state.requests.filter((request) => request.startsWith("check "))
    expect(asked.at(-2)).toContain('"_tag":"folder"')
    expect(asked.at(-1)).toBe('check {"service":"shop"}')
  })

  it("wants exactly one thing to check", async () => {
    expect(await run("check")).toMatchObject({ code: 2 })
    expect(await run("check", file, "--service", "shop")).toMatchObject({ code: 2 })
    expect(await run("check", join(folder, "absent.nix"))).toMatchObject({ code: 2 })
  })
})
