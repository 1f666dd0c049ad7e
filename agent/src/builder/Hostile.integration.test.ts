import { spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { runConfined } from "./ConfinedProcess.ts"
import { confine, samePath } from "./Confinement.ts"
import { openControlGroup } from "./ControlGroup.ts"
import { explainBuild } from "./explain/BuildFailure.ts"
import { findHost } from "./HostFolders.ts"
import { nixSettings } from "./NixSettings.ts"
import { assignment, newBuildId, openWorkbench, type Workbench } from "./testing/Workbench.ts"

/** Servers of this machine that a build must not reach, and one that it may. */
const serve = async (host: string): Promise<{ server: Server; port: number; asked: Array<string> }> => {
  const asked: Array<string> = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? "")
    response.end("canary")
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return { server, port: (server.address() as AddressInfo).port, asked }
}

let bench: Workbench
let canary: Awaited<ReturnType<typeof serve>>
let registry: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  canary = await serve("0.0.0.0")
  registry = await serve("127.0.0.1")
  bench = await openWorkbench({ npmRegistry: `http://127.0.0.1:${registry.port}/` })
}, 180_000)
afterAll(async () => {
  await bench?.close()
  canary?.server.close()
  registry?.server.close()
})

const processesWith = async (word: string): Promise<number> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")))
  return lines.filter((line) => line.includes(word)).length
}
const until = async (what: string, condition: () => Promise<boolean>, seconds = 10) => {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const nonce = () => Math.random().toString(36).slice(2)
const sha256OfCanary = "sha256-4QD7zgCMBOxAY3rwr5H7LwWu7cI/hWotPAsVgGJddV4="
/** A derivation of a file by its hash, which Nix fetches itself. */
const fetched = (url: string) => `{ pkgs, ... }: import <nix/fetchurl.nix> {
  url = "${url}"; name = "x${nonce()}"; hash = "${sha256OfCanary}"; }`
/** One that runs a script of its own with the network that derivations by hash have. */
const fixed = (script: string) => `{ pkgs, ... }: pkgs.runCommand "fixed" {
  outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = "flat"; nonce = "${nonce()}";
} ''
${script}
''`
const expression = async (text: string, limits = {}) =>
  bench.build({ _tag: "expression", expression: text }, limits)
const addresses = () =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((address) => (address?.family === "IPv4" && !address.internal ? [address.address] : []))

describe("a derivation by hash", { timeout: 60_000 }, () => {
  test("is fetched from the configured registry, wherever that is", async () => {
    const { observed } = await expression(fetched(`http://127.0.0.1:${registry.port}/allowed`))
    // It was fetched and has the right hash; a file starts nothing.
    expect(observed.failure?.code).toBe("no-command")
    expect(registry.asked).toContain("/allowed")
  })
  test.each(["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"])(
    "cannot be fetched from this machine as %s",
    async (host) => {
      const { observed } = await expression(fetched(`http://${host}:${canary.port}/loopback`))
      expect(observed.phase).toBe("failed")
      expect(canary.asked).toEqual([])
    },
  )
  test("cannot be fetched from this machine's own addresses, nor from the port 80 of the metadata address", async () => {
    for (const address of [...addresses(), "169.254.169.254"]) {
      const { observed } = await expression(fetched(`http://${address}/x`))
      expect(observed.failure?.code).toBe("build-failed")
      expect(observed.failure?.detail).toContain(`${address}:80 (builds reach public addresses only)`)
    }
    expect(canary.asked).toEqual([])
  })
  test("has no other way out: neither directly, nor to the platform, nor to abstract sockets of this machine", async () => {
    const platform = new URL(bench.config.controlPlane).port
    const { lines } = await expression(
      fixed(`
        for address in 127.0.0.1:${canary.port} 127.0.0.1:${platform} ${addresses()
          .map((address) => `${address}:${canary.port}`)
          .join(" ")}; do
          if (exec 3<>/dev/tcp/''\${address%:*}/''\${address#*:}) 2>/dev/null; then echo "REACHED $address"; else echo "closed $address"; fi
        done
        echo "devices $(cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d '\\n ')"
        echo "sockets $(grep -c '@' /proc/net/unix || true)"
        if exec 3<>/dev/tcp/127.0.0.1/3128; then
          printf 'CONNECT 127.0.0.1:${canary.port} HTTP/1.1\\r\\n\\r\\n' >&3; head -n 1 <&3
        fi
        exit 1`),
    )
    const texts = lines.map(({ text }) => text.trim())
    expect(texts.filter((text) => text.startsWith("closed")).length).toBeGreaterThanOrEqual(2)
    expect(texts.filter((text) => text.startsWith("REACHED"))).toEqual([])
    expect(texts).toContain("devices lo")
    expect(texts).toContain("sockets 0")
    expect(texts).toContain("HTTP/1.1 403 Refused")
    expect(canary.asked).toEqual([])
  })
})

describe("a build", { timeout: 60_000 }, () => {
  const script = (text: string) =>
    `{ pkgs, ... }: pkgs.runCommand "probe" { nonce = "${nonce()}"; } ''\n${text}\nexit 1\n''`

  test("without a hash has no network at all", async () => {
    const { lines } = await expression(
      script("(exec 3<>/dev/tcp/127.0.0.1/3128) 2>/dev/null && echo REACHED || echo closed"),
    )
    expect(lines.map(({ text }) => text)).toContain("closed")
  })
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
    let most = 0
    const counting = setInterval(async () => {
      most = Math.max(most, await processesWith(word))
    }, 200)
    const { observed } = await bench.finished(build.id)
    clearInterval(counting)
    expect(observed.phase).toBe("failed")
    await until("no process is left", async () => (await processesWith(word)) === 0, 5)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(700)
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
    const ended = await Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(
          openControlGroup(`skypanel-test-${nonce()}`, "sandbox", {
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
      await until(
        "the build runs",
        async () => (await processesWith(`sleep`)) > 0 && (await processesWith(`trap`)) > 1,
        30,
      )
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
  })
})
