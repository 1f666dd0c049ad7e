import { execFileSync } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { narHash } from "./NarHash.ts"
import { nixString, parseEvaluated } from "./NixExpression.ts"

describe("a Nix string", () => {
  test.each([
    ["plain", '"plain"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["a\\b", '"a\\\\b"'],
    ["$" + "{x} $y", '"\\$' + '{x} $y"'],
    ["a\nb\tc\r", '"a\\nb\\tc\\r"'],
  ])("of %j", (text, nix) => expect(nixString(text)).toBe(nix))
  test.runIf(hasNix())("is read by Nix as what it was", () => {
    const letters = fc.string({
      unit: fc.constantFrom("$", "{", "}", '"', "\\", "'", "a", "\n", "\r", "\t", "é"),
    })
    const texts = fc.sample(letters, 500)
    const args = ["--eval", "--strict", "--json", "--expr", `[ ${texts.map(nixString).join(" ")} ]`]
    const env = { ...process.env, NIX_CONFIG: "build-users-group =" }
    expect(JSON.parse(execFileSync("nix-instantiate", args, { encoding: "utf8", env }))).toEqual(texts)
  })
})

describe("what an evaluation says", () => {
  test("is read", () => {
    const json = JSON.stringify({
      drvPath: "/d",
      outputName: "out",
      name: "x-1",
      pname: "x",
      mainProgram: null,
    })
    expect(parseEvaluated(json)).toEqual({
      drvPath: "/d",
      outputName: "out",
      name: "x-1",
      pname: "x",
      mainProgram: null,
    })
    expect(parseEvaluated('{"type":"set","attributes":["a"]}')).toEqual({ type: "set", attributes: ["a"] })
  })
})

describe("the NAR hash", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "skypanel-nar-"))
    await mkdir(join(folder, "tree", "ü", "empty"), { recursive: true })
    for (const name of ["b", "a", "a.b", "B", "é", "12345678"])
      await writeFile(join(folder, "tree", name), name.repeat(7))
    await writeFile(join(folder, "tree", "large"), Buffer.alloc(3_000_001, 7))
    await writeFile(join(folder, "tree", "run"), "#!/bin/sh", { mode: 0o755 })
    await writeFile(join(folder, "file"), "")
    await symlink("../nowhere", join(folder, "tree", "link"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test("of an empty file is the known one", async () => {
    expect(await narHash(join(folder, "file"))).toBe("sha256-d6xi4mKdjkX2JFicDIv5niSzpyI0m/Hnm8GGAIU04kY=")
  })
  test.runIf(hasNix())("is what Nix itself says", async () => {
    for (const name of ["tree", "file"]) {
      const args = ["--extra-experimental-features", "nix-command", "hash", "path", join(folder, name)]
      expect(await narHash(join(folder, name))).toBe(execFileSync("nix", args, { encoding: "utf8" }).trim())
    }
  })
})

function hasNix(): boolean {
  try {
    execFileSync("nix", ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}
