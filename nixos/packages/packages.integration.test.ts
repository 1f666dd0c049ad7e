import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { beforeAll, describe, expect, it, vi } from "vitest"
import {
  addRepository,
  evaluateWith,
  failureOf,
  type PreparedSet,
  prepare,
  realise,
  type StoreTree,
} from "../embedded/evaluation.ts"

// The first one on a machine downloads and builds all of it.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 1_500_000 })

let set: PreparedSet
let repository: StoreTree
beforeAll(async () => {
  set = await prepare()
  repository = await addRepository(set)
})

const evaluate = (expression: string) => evaluateWith(set, "repository", repository, expression)

describe("SkyPanel's programs, built with the embedded package set", () => {
  const build = async (program: string) =>
    realise(
      set,
      await evaluate(`with import "\${repository}/nixos/packages" { inherit pkgs; }; (${program}).drvPath`),
    )
  /** With nothing of this machine: no search path, no environment. */
  const run = (program: string, args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
    promisify(execFile)(program, args, { env, timeout: 60_000 })

  /** What a program prints that cannot start without settings. */
  const saysBeforeItEnds = (program: string) =>
    run(program, [], { HOME: "/nowhere" }).then(
      () => "it ended well",
      ({ stdout, stderr }) => `${stdout}${stderr}`,
    )

  it("the command line says how it is used", async () => {
    const { stdout } = await run(join(await build("cli"), "bin", "skypanel"), ["--help"])
    expect(stdout).toContain("Deploy services on SkyPanel")
  })

  it("the platform says which setting is missing, and carries page, agent and flake", async () => {
    const platform = await build("platform")
    expect(await saysBeforeItEnds(join(platform, "bin", "skypanel-platform"))).toContain("DATABASE_URL")
    const files = ["ui/dist/index.html", "agent/dist/agent.mjs", "flake.nix", "modules/worker/default.nix"]
    for (const file of files) expect(existsSync(join(platform, "lib/skypanel", file))).toBe(true)
  })

  it.each(["deno", "node"])("the agent says what can be asked of it, on %s", async (runtime) => {
    const agent = await build(`agent.override { runtime = "${runtime}"; }`)
    const { stdout } = await run(join(agent, "bin", "skypanel-agent"), ["help"], { HOME: "/nowhere" })
    expect(stdout).toContain("skypanel-agent status")
  })

  it.each(["deno", "node"])(
    "the agent says which version it is before it has ever run, on %s",
    async (runtime) => {
      const agent = await build(`agent.override { runtime = "${runtime}"; }`)
      const { stdout } = await run(join(agent, "bin", "skypanel-agent"), ["version"], {
        HOME: "/nowhere",
        SKYPANEL_DATA: "/nowhere",
      })
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}\n$/)
    },
  )

  it.each(["deno", "node"])("the agent asks for its settings, on %s", async (runtime) => {
    const agent = await build(`agent.override { runtime = "${runtime}"; }`)
    const said = await saysBeforeItEnds(join(agent, "bin", "skypanel-agent"))
    expect(said).toContain("SKYPANEL_CONTROL_PLANE")
  })

  it("the agent brings what builders take from the disk, and the nixpkgs that is pinned", async () => {
    const share = join(await build("agent"), "share", "skypanel")
    for (const file of ["templates/builders/describe.nix", "nixos/embedded/prepare.mjs"])
      expect(existsSync(join(share, file))).toBe(true)
    expect(JSON.parse(readFileSync(join(share, "flake.lock"), "utf8")).nodes.nixpkgs).toBeDefined()
  })
})

describe("the part of package-lock.json that a program needs", () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      "": { devDependencies: { tool: "1.0.0" } },
      a: { version: "1.0.0", dependencies: { one: "1.0.0", "@own/b": "1.0.0" } },
      b: { version: "1.0.0", dependencies: { two: "^2.0.0" } },
      "node_modules/@own/b": { resolved: "b", link: true },
      "node_modules/one": {
        version: "1.0.0",
        dependencies: { two: "^1.0.0" },
        optionalDependencies: { "one-x64": "1.0.0", "one-arm64": "1.0.0" },
        peerDependencies: { peer: "*", tool: "*" },
        peerDependenciesMeta: { tool: { optional: true } },
      },
      "node_modules/one/node_modules/two": { version: "1.5.0" },
      "node_modules/one-x64": { version: "1.0.0", os: ["linux"], cpu: ["x64"] },
      "node_modules/one-arm64": { version: "1.0.0", os: ["linux"], cpu: ["arm64"] },
      "node_modules/peer": { version: "3.0.0" },
      "node_modules/tool": { version: "1.0.0" },
      "b/node_modules/two": { version: "2.5.0" },
    },
  }
  const closureOf = (of: object, workspaces: string, cpu = "x64") =>
    evaluate(`import "\${repository}/nixos/packages/npm-closure.nix" {
      inherit (pkgs) lib;
      lock = builtins.fromJSON ${JSON.stringify(JSON.stringify(of))};
      workspaces = ${workspaces};
      cpu = "${cpu}";
    }`)

  it("holds what is reached from the workspaces, and nothing of tests or other systems", async () => {
    const { package: manifest, packageLock } = await closureOf(lock, '[ "a" ]')
    expect(manifest).toEqual({ name: "skypanel-a", version: "1.0.0", dependencies: { one: "1.0.0" } })
    expect(Object.keys(packageLock.packages)).toEqual([
      "",
      "node_modules/one",
      "node_modules/one-x64",
      "node_modules/one/node_modules/two",
      "node_modules/peer",
    ])
    expect(packageLock.packages["node_modules/one"].optionalDependencies).toEqual({ "one-x64": "1.0.0" })
  })

  it("is another one on another machine", async () => {
    const { packageLock } = await closureOf(lock, '[ "a" ]', "arm64")
    expect(Object.keys(packageLock.packages)).toContain("node_modules/one-arm64")
    expect(Object.keys(packageLock.packages)).not.toContain("node_modules/one-x64")
  })

  it("moves up what npm keeps below a workspace", async () => {
    const { packageLock } = await closureOf(lock, '[ "a" "b" ]')
    expect(packageLock.packages["node_modules/two"].version).toBe("2.5.0")
  })

  it("says which packages cannot be brought together", async () => {
    const conflict = {
      ...lock,
      packages: {
        ...lock.packages,
        a: { version: "1.0.0", dependencies: { two: "^1.0.0" } },
        "a/node_modules/two": { version: "1.0.0" },
      },
    }
    const message = await failureOf(closureOf(conflict, '[ "a" "b" ]'))
    expect(message).toContain("a/node_modules/two and b/node_modules/two cannot both become node_modules/two")
  })
})
