import { type ChildProcess, execFile, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { nothing } from "../../agent/src/desired/DesiredState.ts"
import { headerOf } from "../../agent/src/launcher/bundleHeader.ts"
import { commandLine } from "../../agent/src/launcher/commandLine.ts"
import { serviceId } from "../../agent/test/edge.ts"
import { mountPointIn, mountsBelow, unmountAll } from "../../agent/test/volumes.ts"
import { runningProcesses, signal } from "../../dev/processes.ts"
import { bundle, entries } from "../../platform/src/install/bundle.ts"
import { findRuntime } from "../../platform/src/install/runtimePrograms.ts"
import { useEngine } from "../lab/fixtures.ts"
import { until } from "../lab/until.ts"

// The real agent's bundle on Deno with no more than the permissions that a worker gives it, beside a real engine.

const engine = useEngine()
const folder = mkdtempSync(join(tmpdir(), "skypanel-permissions-"))
const running: Array<ChildProcess> = []
let output = ""

const start = () => {
  const [command, args] = engine().inside(...(line as [string, ...Array<string>]))
  const child = spawn(command, args, {
    cwd: "/",
    env: {
      PATH: process.env.PATH,
      NO_COLOR: "1",
      DENO_DIR: join(folder, "deno"),
      SKYPANEL_CONTROL_PLANE: `http://${engine().hostAddress}:9`,
      SKYPANEL_DATA: join(folder, "data"),
      SKYPANEL_TOKEN_FILE: join(folder, "data/token"),
      SKYPANEL_WORKER_TOKEN: "token",
      SKYPANEL_WORKER_ROLES: "services",
      SKYPANEL_DOCKER_SOCKET: engine().socket,
      SKYPANEL_ENDPOINT_BIND: engine().address,
      SKYPANEL_ENDPOINT_PORT: "80",
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  running.push(child)
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output += text
    })
  return child
}

const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once("exit", resolve))
  child.kill(signal)
  await ended
}

/** A line in the engine's network. */
const inside = async (line: string) => {
  const [command, args] = engine().inside("sh", "-c", line)
  return (await promisify(execFile)(command, args)).stdout.trim()
}

let line: ReadonlyArray<string> = []
beforeAll(async () => {
  const { code } = await bundle(entries.agent, true)
  mkdirSync(join(folder, "data"))
  writeFileSync(join(folder, "agent.mjs"), code)
  const volumes = [{ serviceId: serviceId(1), sizeBytes: 32 * 2 ** 20 }]
  writeFileSync(join(folder, "data/desired.json"), JSON.stringify({ ...nothing, generation: 1, volumes }))
  line = commandLine(join(folder, "agent.mjs"), headerOf(code.toString("utf8"))!, {
    runtime: "deno",
    program: findRuntime("deno", process.arch === "arm64" ? "aarch64" : "x86_64")!,
    dataFolder: join(folder, "data"),
    dockerSocket: engine().socket,
    roles: ["services"],
  })
})
afterAll(async () => {
  for (const child of running) await end(child, "SIGKILL")
  for (const { pid } of proxies()) signal(pid, "SIGKILL")
  unmountAll(join(folder, "data"))
  rmSync(folder, { recursive: true, force: true })
})

/** The proxies that work in our folder. */
const proxies = () =>
  runningProcesses().filter(
    ({ directory, command }) => directory.startsWith(folder) && command[0]?.endsWith("haproxy"),
  )
const serves = () =>
  until("the proxy to answer", async () =>
    (await inside(`curl -s -o /dev/null -w '%{http_code}' http://${engine().address}/ || true`)) === "000"
      ? null
      : true,
  )

describe("the agent on Deno with a worker's permissions", () => {
  it("serves, keeps containers apart, and measures the machine", async () => {
    start()
    await serves()
    await until("the packet filter's rules", async () =>
      (await inside("iptables -w 5 -t mangle -S")).includes("-j SKYPANEL") ? true : null,
    )
    expect(output).not.toMatch(/NotCapable|PermissionDenied|--allow-/)
  })

  it("makes and mounts the volumes of services", async () => {
    const place = mountPointIn(join(folder, "data"), serviceId(1))
    await until("the volume", async () => {
      const { uid, mode } = statSync(place)
      return uid === 65534 && (mode & 0o777) !== 0 ? true : null
    }).catch((error) => {
      throw new Error(`${error.message}\n${output}`)
    })
    expect(mountsBelow(join(folder, "data"))).toEqual([place])
    expect(output).not.toMatch(/NotCapable|PermissionDenied|--allow-/)
  })

  it("hands its proxy on to the next agent", async () => {
    await end(running[0]!, "SIGKILL")
    const [before] = proxies()
    expect(proxies()).toHaveLength(1)
    start()
    await until("another proxy, and only that one", async () =>
      proxies().length === 1 && proxies()[0]?.pid !== before?.pid ? true : null,
    )
    await serves()
    expect(output).not.toMatch(/NotCapable|PermissionDenied|--allow-/)
  })
})
