import { describe, expect, test } from "vitest"
import { failure, recognised } from "./testing/trees.ts"

describe("the version of Node.js", () => {
  const withNode = (files: Record<string, string>, engines?: string) => ({
    "package.json": JSON.stringify({ scripts: { start: "node ." }, engines: { node: engines } }, null, 1),
    "package-lock.json": "{}",
    ...files,
  })
  test.each<readonly [string, Record<string, string>, string | undefined, number, string | null]>([
    ["is the newest when nobody asks", {}, undefined, 24, null],
    ["is the newest that `engines` allows", {}, ">=18", 24, "`engines.node` (>=18) → Node.js 24"],
    ["is of `engines`' major", {}, "22.x", 22, "`engines.node` (22.x) → Node.js 22"],
    ["is below a bound", {}, ">=20 <24", 22, "`engines.node` (>=20 <24) → Node.js 22"],
    ["is one of several", {}, "^18 || ^22.3.1", 22, "`engines.node` (^18 || ^22.3.1) → Node.js 22"],
    ["is near an exact one", {}, "22.1.0", 22, "`engines.node` (22.1.0) → Node.js 22"],
    ["comes from .nvmrc", { ".nvmrc": "v22.11.0\n" }, undefined, 22, ".nvmrc (v22.11.0) → Node.js 22"],
    ["comes from a code name", { ".nvmrc": "# x\nlts/jod" }, undefined, 22, ".nvmrc (lts/jod) → Node.js 22"],
    ["comes from lts/*", { ".nvmrc": "lts/*" }, undefined, 24, ".nvmrc (lts/*) → Node.js 24"],
    ["comes from .node-version", { ".node-version": "24" }, undefined, 24, ".node-version (24) → Node.js 24"],
    [
      "comes from skypanel.toml first",
      { "skypanel.toml": '[build]\nnode = "22"', ".nvmrc": "24" },
      "24",
      22,
      "skypanel.toml, [build] node (22) → Node.js 22",
    ],
  ])("%s", (_, files, engines, major, reason) => {
    const found = recognised(withNode(files, engines))
    expect(found.settings.nodeMajor).toBe(major)
    expect(found.reasoning.filter((line) => line.includes("Node.js 2"))).toEqual(
      reason === null ? [] : [reason],
    )
  })
  test.each<readonly [string, Record<string, string>, string | undefined, string, number]>([
    ["`engines`", {}, "^16", "package.json", 5],
    ["a range that is none", {}, "sixteen", "package.json", 5],
    [".nvmrc", { ".nvmrc": "lts/hydrogen" }, undefined, ".nvmrc", 1],
    ["skypanel.toml", { "skypanel.toml": '[build]\nnode = "16"' }, undefined, "skypanel.toml", 2],
  ])("that is not there is told with what there is, for %s", (_, files, engines, file, line) => {
    const found = failure(withNode(files, engines))
    expect(found.location).toEqual({ file, line, column: 1 })
    expect(found.next).toContain("Node.js 22, Node.js 24")
  })
})
