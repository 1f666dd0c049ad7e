import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { expect, it } from "vitest"

const program = join(import.meta.dirname, "evaluate")
/** The folder `lib` of a nixpkgs, or of nix-community/nixpkgs.lib. */
const path = process.env.SKYPANEL_NIXPKGS_LIB ?? ""

it("says that it is skipped where no path is given", () => {
  expect(execFileSync(program, { encoding: "utf8" })).toBe("skipped: no path to nixpkgs.lib was given\n")
})

it.skipIf(path === "")(
  "every module and host evaluates with the real lib.evalModules; skipped where SKYPANEL_NIXPKGS_LIB is not set",
  { timeout: 120_000 },
  () => {
    const output = execFileSync(program, [path], { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 })
    expect(output).toMatch(/\nall good\n$/)
    expect(output).not.toContain("FAIL")
  },
)
