import { describe, expect, test } from "vitest"
import { failure, needsExpress, recognised, start } from "./testing/trees.ts"

describe("a lock file", () => {
  const empty = {
    "package-lock.json": '{"lockfileVersion":3}',
    "yarn.lock": "# yarn lockfile v1",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'",
    "bun.lock": '{"lockfileVersion":1,"packages":{}}',
  }
  const reason = (files: Record<string, string>) => recognised(files).reasoning[1]
  test.each([
    ["package-lock.json", "npm", "package-lock.json, version 3 → npm"],
    ["yarn.lock", "yarn", "yarn.lock, version 1 → yarn, 0 packages"],
    ["pnpm-lock.yaml", "pnpm", "pnpm-lock.yaml, version 9.0 → pnpm, 0 packages"],
    ["bun.lock", "bun", "bun.lock, version 1 → bun, 0 packages"],
  ] as const)("%s says which package manager it is", (name, manager, expected) => {
    expect(reason({ "package.json": start, [name]: empty[name] })).toBe(expected)
    const named = JSON.stringify({ scripts: { start: "x" }, packageManager: `${manager}@1.0.0` })
    expect(reason({ ...empty, "package.json": named })).toBe(expected)
  })
  test("of npm is taken before others, unless the package.json names their package manager", () => {
    expect(reason({ ...empty, "package.json": start })).toContain("→ npm")
    const { "package-lock.json": _, ...others } = empty
    expect(reason({ ...others, "package.json": start })).toContain("→ pnpm")
  })
  test("is not needed where nothing is depended on", () => {
    const { kind, reasoning, settings } = recognised({ "package.json": start })
    expect([kind, reason({ "package.json": start })]).toEqual([
      "nodejs",
      "no dependencies → nothing to install",
    ])
    expect(reasoning).toHaveLength(3)
    expect(settings).toMatchObject({ member: "", modules: { tarballs: [], members: [] } })
  })
  test("around a member of a workspace is its own, and in no other folder", () => {
    const files = {
      "skypanel.toml": '[build]\npath = "apps/web"',
      "package.json": '{"workspaces":["apps/*","!apps/old"]}',
      "yarn.lock": empty["yarn.lock"],
      "apps/web/package.json": start,
      "apps/old/package.json": needsExpress,
      "other/package.json": needsExpress,
    }
    expect(recognised(files)).toMatchObject({
      folder: "",
      settings: { member: "apps/web" },
      reasoning: expect.arrayContaining(["workspace → apps/web"]),
    })
    for (const path of ["apps/old", "other"])
      expect(failure({ ...files, "skypanel.toml": `[build]\npath = "${path}"` }).title).toContain(
        "no lock file",
      )
    expect(failure({ ...files, "skypanel.toml": "" }).next).toContain('`path = "apps/web"`')
  })
  test("of Yarn 2 is refused", () => {
    const files = {
      "package.json": JSON.stringify({ scripts: { start: "x" }, packageManager: "yarn@2.4.3" }),
      "yarn.lock": "# x\n\n__metadata:\n  version: 4\n  cacheKey: 7\n",
    }
    expect(failure(files)).toMatchObject({ location: { file: "yarn.lock", line: 3 } })
    expect(failure(files).next).toContain("yarn set version stable")
  })
  test("of Yarn 4 says so, and that of a workspace has its members", () => {
    const files = {
      "package.json": JSON.stringify({
        workspaces: ["lib"],
        scripts: { start: "x" },
        dependencies: { "@all/lib": "workspace:*" },
      }),
      "lib/package.json": '{"name":"@all/lib"}',
      "yarn.lock":
        '__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"@all/lib@workspace:*, @all/lib@workspace:lib":\n  version: 0.0.0-use.local\n  resolution: "@all/lib@workspace:lib"\n',
    }
    expect(reason(files)).toContain("yarn.lock, version 8 → yarn, 0 packages")
    expect(recognised(files).settings.modules).toMatchObject({
      members: [["node_modules/@all/lib", "../../lib"]],
    })
  })
  test("of Bun that is binary is not read", () =>
    expect(failure({ "package.json": needsExpress }, "bun.lockb").next).toContain("--save-text-lockfile"))
  test.each([
    ["bun src/index.ts", false],
    ["bun --hot server.ts", false],
    ["bun run serve", false],
    ["bun run web", true],
    ["node bun.js", true],
  ])("of Bun does not start by Bun itself: %s", (command, isStarted) => {
    const files = {
      "package.json": JSON.stringify({ scripts: { start: command, serve: "bun x.ts", web: "node x.ts" } }),
      "bun.lock": empty["bun.lock"],
    }
    if (isStarted) return void recognised(files)
    expect(failure(files).title).toContain("started by Bun itself")
  })
  test("that is too large to be looked at says so", () =>
    expect(failure({ "package.json": start }, "yarn.lock").title).toBe("yarn.lock is larger than 4 MiB."))
  test("of pnpm 10 lets only those scripts run that the project allows", () => {
    const scripts = (manifest: object, yaml = "") =>
      (
        recognised({
          "package.json": JSON.stringify({ scripts: { start: "x" }, ...manifest }),
          "pnpm-lock.yaml": empty["pnpm-lock.yaml"],
          "pnpm-workspace.yaml": yaml,
        }).settings.modules as { readonly scripts: unknown }
      ).scripts
    expect(scripts({ packageManager: "pnpm@9.1.0" })).toBeNull()
    expect(scripts({ packageManager: "pnpm@10.1.0" })).toEqual([])
    expect(scripts({ pnpm: { onlyBuiltDependencies: ["esbuild"] } })).toEqual(["esbuild"])
    expect(scripts({}, "onlyBuiltDependencies:\n  - sharp\n")).toEqual(["sharp"])
  })
})
