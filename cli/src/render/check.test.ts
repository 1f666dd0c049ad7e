import type { Check } from "@skypanel/contract/Check"
import type { CheckId } from "@skypanel/contract/Id"
import { describe, expect, it } from "vitest"
import { checkLines } from "./check.ts"
import { plainStyle } from "./style.ts"

const view = { style: plainStyle, width: 100, now: 0 }
const check: Check = { id: "chk_0" as CheckId, state: "done", diagnostics: [], plan: null }
const text = (found: Partial<Check>, line: string | null = null) =>
  checkLines(
    () => "web.nix",
    () => line,
  )({ ...check, ...found }, view).join("\n")

describe("a check on the terminal", () => {
  it("names file, line and column, and marks the place below tabs", () => {
    const place = { file: "expression.nix", line: 3, column: 7, endColumn: 11 }
    const found = {
      code: "evaluation-undefined",
      message: "There is no attribute “helo”.",
      detail: "",
      next: "Did you mean hello?",
      place,
      suggestions: ["hello"],
    } as const
    expect(text({ diagnostics: [found] }, "\tpkgs.helo")).toBe(
      [
        "web.nix:3:7: error: There is no attribute “helo”.",
        "\tpkgs.helo",
        "\t     ^^^^",
        "  Next: Did you mean hello?",
      ].join("\n"),
    )
    expect(text({ diagnostics: [{ ...found, place: null, detail: "\u001b[2Jx" }] })).toContain("\n  x\n")
  })
  it("lists the packages, and counts those that are not named", () => {
    const lines = text({
      plan: {
        name: "web",
        version: "1.2",
        state: "to-build",
        recognisedAs: "Nix expression",
        packages: [{ name: "hello", version: null, state: "to-fetch", direct: true, bytes: 2048 }],
        totals: { packages: 1201, onBuilder: 1199, inCache: 0, toFetch: 2, toBuild: 0, bytesToFetch: 4096 },
        cut: true,
      },
    })
    expect(lines).toContain("✓ web 1.2 (Nix expression): to be built")
    expect(lines).toMatch(/hello +— +2 KiB +to be fetched +the source/)
    expect(lines).toContain("and 1200 more")
    expect(lines).toContain("At least 1201 packages: 2 to be fetched, 1199 on the builder; 4 KiB to fetch.")
  })
})
