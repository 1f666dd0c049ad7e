import type { ExpressionText } from "@skypanel/contract/Expression"
import { expect, it } from "vitest"
import { hoursAgo } from "./fakeRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { run, platform } = usePlatform()
const version = (number: number, expression: string): ExpressionText => ({
  version: {
    version: number,
    current: number === 2,
    deployment: number + 3,
    status: number === 2 ? "failed" : "live",
    lines: 2,
    createdBy: "ada@example.com",
    createdAt: hoursAgo(3 - number),
  },
  expression,
})

it("lists, prints, compares and restores the versions of an expression", async () => {
  expect((await run("deploy", "shop", "--template", "nodejs")).code).toBe(0)
  expect((await run("expressions", "shop")).out).toContain("It was never made from a Nix expression.")
  expect(await run("expressions", "show", "shop")).toMatchObject({ code: 4 })
  platform().state.expressions = [version(1, "{ pkgs }:\npkgs.hello\n"), version(2, "{ pkgs }:\npkgs.jq\n")]
  const list = (await run("expressions", "shop")).out
  expect(list).toMatch(/2 +now +1 h ago +5 +failed +2 +ada@example\.com[\s\S]*1 +2 h ago +4 +live/)
  expect((await run("expressions", "show", "shop")).out).toBe("{ pkgs }:\npkgs.jq\n")
  expect((await run("expressions", "diff", "shop", "1")).out).toBe(
    "  { pkgs }:\n- pkgs.hello\n+ pkgs.jq\n  \n",
  )
  expect((await run("expressions", "diff", "shop", "1", "1")).out).toContain("They are the same.")
  expect((await run("expressions", "restore", "shop", "1")).code).toBe(0)
  const service = JSON.parse((await run("status", "shop", "--json")).out)
  expect(JSON.stringify(service)).toContain("pkgs.hello")
  expect(await run("expressions", "restore", "shop", "7")).toMatchObject({ code: 4 })
})
