import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { groupParent, processesMax } from "./BuildSpaces.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine, samePath } from "./Confinement.ts"
import { openControlGroup, sweepControlGroups } from "./ControlGroup.ts"
import { explainBuild } from "./explain/BuildFailure.ts"
import { findHost } from "./HostFolders.ts"
import { nixSettings } from "./NixSettings.ts"
import { nonce, processesWith, until } from "./testing/Processes.ts"
import { assignment, newBuildId, openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(async () => {
  await bench?.close()
})

const expression = async (text: string, limits = {}) =>
  bench.build({ _tag: "expression", expression: text }, limits)

describe("a build", { timeout: 60_000 }, () => {
  const script = (text: string) =>
    `{ pkgs, ... }: pkgs.runCommand "probe" { nonce = "${nonce()}"; } ''\n${text}\nexit 1\n''`

  test("sees its own processes, files and descriptors only", async () => {
    const { lines } = await expression(
      script(`
        echo "root: $(echo /*)"
        echo "processes: $(ls /proc | grep -c '^[0-9]')"
        echo "environments: $(cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -ciE 'skypanel|token|database' || true)"
        readlink /proc/$$/fd/* >descriptors || true
        echo "descriptors: $(tr '\\n' ' ' <descriptors)"
        echo "user: $(sed -n 's/^Uid:\\s*//p' /proc/self/status | cut -f1)"
        echo "capabilities: $(sed -n 's/^CapEff:\\s*//p' /proc/self/status)"
        echo "mapped: $(cat /proc/self/uid_map)"
        echo "shadow: $(cat /etc/shadow 2>&1)"
        echo "variables: $(env | cut -d= -f1 | sort | tr '\\n' ' ')"`),
    )
    const said = Object.fromEntries(lines.map(({ text }) => text.split(/: (.*)/).slice(0, 2)))
    expect(said.root).not.toMatch(/\/(?:home|root|usr|var|work|sys|run|mnt)\b/)
    expect(Number(said.processes)).toBeLessThan(10)
    expect(said.environments).toBe("0")
    expect(said.capabilities).toBe("0000000000000000")
    expect(said.user).not.toBe("0")
    expect(said.mapped).not.toMatch(/\s0\s/)
    expect(said.shadow).toContain("No such file")
    expect(said.variables).not.toMatch(/proxy|SKYPANEL|DATABASE|NIX_CONFIG/i)
    expect(said.descriptors).toMatch(/^(?:\/dev\/(?:null|pts\/0) |\/nix\/store\/\S+-builder\.sh )+$/)
  })
  test("that forks without end stays within its number of processes and leaves none", async () => {
    const word = `bomb${nonce()}`
    const build = assignment(
      {
        _tag: "expression",
        expression: script(`bomb() { sh -c 'sleep 60' ${word} & bomb & bomb & wait; }; bomb`),
      },
      { buildSeconds: 4 },
    )
    await bench.assign(build)
    const current = async () => {
      const files = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].map((root) =>
        readFile(join(root, groupParent(bench.config), build.id, "pids.current"), "utf8").catch(() => "0"),
      )
      return Math.max(...(await Promise.all(files)).map(Number))
    }
    let most = 0
    const counting = setInterval(async () => {
      most = Math.max(most, await current())
    }, 50)
    const { observed } = await bench.finished(build.id)
    clearInterval(counting)
    expect(observed.phase).toBe("failed")
    expect(await processesWith(word)).toBe(0)
    expect(await current()).toBe(0)
    expect(most).toBeGreaterThan(processesMax / 2)
    expect(most).toBeLessThanOrEqual(processesMax)
  })
  test("that fills the disk with one file is stopped", async () => {
    const { observed } = await expression(script("truncate -s 20G $out && echo MADE"))
    expect(observed.phase).toBe("failed")
    const { lines } = await expression(script("truncate -s 20G big || echo refused"))
    expect(lines.map(({ text }) => text)).toContain("refused")
  })
  test("is not made at all where it cannot be isolated", async () => {
    const host = await Effect.runPromise(findHost(bench.config.dataFolder))
    const { packageSet } = bench.builds
    expect(await Effect.runPromise(packageSet)).not.toBeNull()
    const name = `unsandboxed${nonce()}`
    const messages: Array<string> = []
    // Without the capabilities that a sandbox needs.
    const confinement = {
      as: "evaluator" as const,
      network: null,
      writable: [samePath("/nix")],
      readable: [],
      scratchBytes: 64e6,
      fileBytes: 64e6,
      addressBytes: null,
      environment: {
        NIX_CONFIG: nixSettings("build", { buildSeconds: 20, silentSeconds: 20, logBytes: 1e6 }, 1)
          .replace("build-users-group = nixbld", "build-users-group =")
          .replace(/^pure-eval.*$/m, ""),
        NIX_CONF_DIR: "/var/empty",
      },
    }
    const text = `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }`
    const parent = `skypanel-test-${nonce()}`
    const ended = await Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(
          openControlGroup(parent, "sandbox", {
            memoryBytes: 512e6,
            processes: 64,
            cores: 1,
          }),
          (group) =>
            runConfined(confine(host, confinement, ["nix-build", "--no-out-link", "--expr", text]), {
              group,
              seconds: 30,
              outputBytes: 1e6,
              onLine: (_, line) => messages.push(line),
            }),
        ),
      ),
    )
    await Effect.runPromise(sweepControlGroups(parent))
    expect(ended.exitCode).not.toBe(0)
    const explained = explainBuild({
      messages,
      logs: new Map(),
      events: [],
      stopped: null,
      limits: { buildSeconds: 1, memoryBytes: 1, logBytes: 1 },
    }).failure
    expect(explained, messages.join("\n")).toMatchObject({ code: "internal" })
    expect((await readdir("/nix/store")).filter((path) => path.endsWith(`-${name}`))).toEqual([])
  })
})

describe("an agent that was killed", { timeout: 60_000 }, () => {
  test("leaves no process of a build, and the build starts over", async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), "skypanel-killed-"))
    const word = `orphan${nonce()}`
    const id = newBuildId()
    const text = `{ pkgs, ... }: pkgs.runCommand "endless" { nonce = "${word}"; } ''sh -c 'trap "" TERM; while :; do sleep 1; done' ${word}''`
    const agent = spawn(
      process.execPath,
      [join(import.meta.dirname, "testing", "BuilderProcess.ts"), dataFolder, text, id],
      { stdio: ["ignore", "pipe", "inherit"] },
    )
    agent.stdout.resume()
    try {
      await until("the build runs", async () => (await processesWith(word)) >= 2, 30)
    } finally {
      agent.kill("SIGKILL")
    }
    // What still names the word is neither the agent (dead) nor one of its builds.
    await until("its processes are gone", async () => (await processesWith(word)) === 0, 5)
    const next = await openWorkbench({ dataFolder })
    try {
      await next.assign({ ...assignment({ _tag: "expression", expression: text }), id })
      await until("it builds again", async () => (await next.observed(id))?.phase === "building", 20)
    } finally {
      await next.close()
      await rm(dataFolder, { recursive: true, force: true })
    }
    for (const kind of ["", "memory", "pids", "cpu"])
      expect(existsSync(join("/sys/fs/cgroup", kind, groupParent({ ...bench.config, dataFolder })))).toBe(
        false,
      )
  })
})
