import type { CacheKey } from "@skypanel/contract/CacheKey"
import { describe, expect, it } from "vitest"
import { retireQuestion } from "../src/commands/cache/keys.ts"
import { usePlatform } from "./usePlatform.ts"

const { run } = usePlatform()

describe("cache keys", () => {
  it("are listed, made and retired, each public key whole", async () => {
    expect((await run("cache", "keys")).out).toMatch(
      /^NAME .*\nskypanel-1 +signs +.* skypanel-1:[A-Za-z0-9+/]{43}=\n$/,
    )
    const rotated = await run("cache", "keys", "rotate", "--yes")
    expect(rotated.code).toBe(0)
    expect(rotated.out).toMatch(/skypanel-2 +signs .*\nskypanel-1 +overlaps /)
    const retired = await run("cache", "keys", "retire", "skypanel-1", "--yes", "--json")
    expect(JSON.parse(retired.out).map(({ name, state }: CacheKey) => `${name} ${state}`)).toEqual([
      "skypanel-2 signs",
      "skypanel-1 retired",
    ])
  })

  it("are not changed without a question, and not against what the platform says", async () => {
    for (const words of [["rotate"], ["retire", "skypanel-1"]]) {
      const { code, err } = await run("cache", "keys", ...words)
      expect(code).toBe(2)
      expect(err).toContain("Add --yes")
    }
    const { code, err } = await run("cache", "keys", "retire", "skypanel-1", "--yes")
    expect(code).toBe(4)
    expect(err).toContain("skypanel cache keys rotate")
  })

  it("are retired with a warning while machines may remember what only the old one signed", () => {
    const createdAt = "2026-11-01T00:00:00.000Z"
    const key = { name: "skypanel-2", state: "signs", createdAt } as CacheKey
    const asked = (at: string) => retireQuestion("skypanel-1", [key], Date.parse(at))
    expect(asked("2026-11-03T00:00:00.000Z")).toContain(
      "skypanel-2 is 2 d 0 h old: Nix remembers for 30 days",
    )
    expect(asked("2026-12-02T00:00:00.000Z")).not.toContain("remembers")
  })
})
