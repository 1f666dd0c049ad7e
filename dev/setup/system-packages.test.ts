import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { systemPackages } from "./packages.mjs"
// @ts-expect-error plain JavaScript
import { missingSystemPackages, namesOf, withoutStartingServices } from "./system-packages.mjs"

const programs = (missing: ReadonlyArray<{ program: string }>) => missing.map(({ program }) => program)

describe("missingSystemPackages", () => {
  it("asks for more the more is meant to be done", () => {
    const none = () => false
    const count = (purpose: string) => missingSystemPackages(purpose, none).length
    expect(count("run")).toBeLessThan(count("test"))
    expect(count("test")).toBeLessThanOrEqual(count("bench"))
    expect(count("bench")).toBe(systemPackages.length)
    expect(programs(missingSystemPackages("run", none))).not.toContain("chromium")
  })

  it("names only what is not there", () => {
    expect(programs(missingSystemPackages("run", (program: string) => program !== "nix"))).toEqual(["nix"])
    expect(missingSystemPackages("bench", () => true)).toEqual([])
  })

  it("has a reason for each, and no program twice", () => {
    for (const { program, debian, why } of systemPackages) {
      expect(why, program).toMatch(/\S{3,} \S+/)
      expect(debian, program).toMatch(/^[a-z0-9][a-z0-9.+-]+$/)
    }
    expect(new Set(programs(systemPackages)).size).toBe(systemPackages.length)
  })

  it("tells a person what to install, and of the other way", () => {
    const text = namesOf(
      missingSystemPackages("run", (program: string) => program !== "nix"),
      "only root may install them",
    )
    expect(text).toMatch(
      /only root may install them:\n {4}nix \(Debian package nix-bin\): builds the services\n.*nix develop/,
    )
  })
})

describe("installing", () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-policy-"))
  const policy = join(folder, "policy-rc.d")
  afterAll(() => rmSync(folder, { recursive: true }))

  it("keeps Debian from starting what it installs, only meanwhile, also when it fails", async () => {
    await withoutStartingServices(async () => expect(spawnSync(policy).status).toBe(101), policy)
    expect(existsSync(policy)).toBe(false)
    const failing = withoutStartingServices(async () => Promise.reject(new Error("no network")), policy)
    await expect(failing).rejects.toThrow("no network")
    expect(existsSync(policy)).toBe(false)
  })

  it("leaves an administrator's own policy alone", async () => {
    writeFileSync(policy, "#!/bin/sh\nexit 0\n", { mode: 0o755 })
    await withoutStartingServices(async () => expect(spawnSync(policy).status).toBe(0), policy)
    expect(existsSync(policy)).toBe(true)
  })
})
