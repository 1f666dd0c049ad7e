import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { recogniserCommand } from "../../../agent/src/builder/Recogniser.ts"
import { headerOf } from "../../../agent/src/launcher/bundleHeader.ts"
import { type Bundle, type BundleName, bundle, checkout, entries } from "./bundle.ts"
import { findRuntime } from "./runtimePrograms.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-bundle-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bundles = {} as Record<BundleName, Bundle>
beforeAll(async () => {
  for (const name of ["agent", "launcher"] as const) {
    bundles[name] = await bundle(entries[name], name === "agent")
    writeFileSync(join(folder, `${name}.mjs`), bundles[name].code)
  }
})

/** Runs a bundle with nothing beside it, on what the platform's npm packages brought. */
const run = (runtime: "deno" | "node", name: BundleName, args: ReadonlyArray<string> = []) =>
  new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    const before = runtime === "deno" ? ["run", "--no-prompt", "--no-remote", "--no-npm", "--allow-all"] : []
    execFile(
      findRuntime(runtime, process.arch === "arm64" ? "aarch64" : "x86_64")!,
      [...before, join(folder, `${name}.mjs`), ...args],
      { cwd: folder, env: { PATH: "/usr/bin:/bin", HOME: folder }, timeout: 20_000 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })

describe("the agent's bundle", () => {
  it("says in its first line which version it is, and what it may do on Deno", () => {
    const header = headerOf(bundles.agent.code.toString("utf8"))
    expect(header?.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(header?.deno.services).toContain("--allow-net")
    expect(header?.deno.services.join(" ")).not.toContain("--allow-all")
  })

  it("is small, and has nothing of ssh or gRPC in it", () => {
    // Room for what the agent is to do besides: a package that came in by accident is far more.
    expect(bundles.agent.code.length).toBeLessThan(720_000)
    expect(bundles.launcher.code.length).toBeLessThan(40_000)
    expect(bundles.agent.code.includes("SSH-2.0")).toBe(false)
  })

  it.each(["node", "deno"] as const)("runs on %s without anything beside it", async (runtime) => {
    // Without its settings it says which it misses: everything was loaded by then.
    const { code, output } = await run(runtime, "agent")
    expect(code).toBe(1)
    expect(output).toContain("SKYPANEL_CONTROL_PLANE")
  })

  it.each(["node", "deno"] as const)("comes with a launcher that runs on %s", async (runtime) => {
    const { code, output } = await run(runtime, "launcher", ["--help"])
    expect([code, output]).toEqual([0, expect.stringContaining("skypanel-agent uninstall")])
  })
})

describe.each(["node", "deno"] as const)("a repository is recognised on %s", (name) => {
  const runtime = () => ({
    path: findRuntime(name, process.arch === "arm64" ? "aarch64" : "x86_64")!,
    isDeno: name === "deno",
  })
  const offer = {
    name: "a set",
    node: [24],
    python: null,
    npmRegistry: "https://x.example",
    crates: "https://x.example",
    wheels: "https://x.example",
    cpu: "x64",
  }
  const repository = join(folder, `repository-${name}`)
  beforeAll(() => {
    mkdirSync(repository)
    writeFileSync(join(repository, "index.html"), "<p>")
  })
  const answer = (command: ReadonlyArray<string>) =>
    promisify(execFile)(command[0]!, command.slice(1), {
      cwd: "/",
      env: { PATH: process.env.PATH },
      timeout: 20_000,
    })

  it("by the agent's bundle, which is no agent then", async () => {
    const command = recogniserCommand(runtime(), join(folder, "agent.mjs"), repository, offer)
    expect(command.join(" ")).not.toContain("--allow-all")
    expect(JSON.parse((await answer(command)).stdout)).toMatchObject({ recognised: { kind: "static" } })
  })

  it("by a process that a bundle starts of itself", async () => {
    const entry = join(folder, `${name}.ts`)
    writeFileSync(
      entry,
      `import { Effect } from ${JSON.stringify(import.meta.resolve("effect"))}
       import { isRecogniser, recogniseApart } from "${join(checkout, "agent/src/builder/Recogniser.ts")}"
       const recognised = recogniseApart("${repository}", ${JSON.stringify(offer)})
       if (!isRecogniser) console.log(JSON.stringify(await Effect.runPromise(recognised)))`,
    )
    const program = join(folder, `recogniser-${name}.mjs`)
    writeFileSync(program, (await bundle(entry, false)).code)
    const { path, isDeno } = runtime()
    const { stdout } = await answer([path, ...(isDeno ? ["run", "--no-prompt", "--allow-all"] : []), program])
    expect(JSON.parse(stdout)).toMatchObject({ kind: "static" })
  })
})

describe("a bundle", () => {
  it("is the same for the same sources, wherever they are", async () => {
    expect((await bundle(entries.agent, true)).sha256).toBe(bundles.agent.sha256)
    const copy = join(folder, "launcher-sources")
    cpSync(join(checkout, "agent"), copy, { recursive: true })
    expect((await bundle(join(copy, "src/launcher/main.ts"), false)).sha256).toBe(bundles.launcher.sha256)
  })
})
