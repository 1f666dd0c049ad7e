import { type ChildProcess, execFile, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { WorkerRole } from "@skypanel/contract/Worker"
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
import { useMachine } from "./useMachine.ts"

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

/** The kernel asks for CAP_SYS_RESOURCE (24) of who makes a mounted file system bigger; root of a container may lack it. */
const growsInUse =
  ((BigInt(`0x${/CapBnd:\s*(\w+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0}`) >> 24n) &
    1n) ===
  1n

// The same within what the unit allows: as systemd starts it on a server, whose Docker Engine sees what it mounts.
describe.each<ReadonlyArray<WorkerRole>>([
  ["services", "ingress"],
  ["services", "builder", "ingress"],
])("the agent in the unit of a Debian worker (%s %s %s)", (...roles) => {
  const machine = useMachine(roles.filter((role) => role !== undefined))
  const data = "/var/lib/skypanel"
  const place = `${data}/volumes/${serviceId(1)}`
  const want = (sizeBytes: number) =>
    writeFileSync(
      join(machine().server.root, data, "desired.json"),
      JSON.stringify({ ...nothing, generation: 1, volumes: [{ serviceId: serviceId(1), sizeBytes }] }),
    )
  const journal = () => machine().read("journalctl --unit skypanel-agent --output cat --no-pager")
  const becomes = (what: string, line: string, is: (text: string) => boolean) =>
    until(what, async () => (is((await machine().sh(line)).stdout.trim()) ? true : null), 60).catch(
      async (error) => {
        throw new Error(`${error.message}\n${await journal()}`)
      },
    )
  const proxies = "pgrep --exact haproxy"

  beforeAll(async () => {
    const { server, read } = machine()
    expect((await machine().paste()).code).toBe(0)
    // A server has them from its start on; a container of systemd-nspawn is given none.
    await read("mknod /dev/loop-control c 10 237; for n in $(seq 0 15); do mknod /dev/loop$n b 7 $n; done")
    await read("systemctl stop skypanel-agent; pkill --exact haproxy; iptables -t mangle -F")
    await read(`rm -rf ${data}/identity.json ${data}/edge ${data}/firewall; echo token > ${data}/token`)
    await read("echo SKYPANEL_CONTROL_PLANE=http://127.0.0.1:9 > /etc/skypanel/local.env")
    const { code, sha256 } = await bundle(entries.agent, true)
    const agent = join(server.root, data, "agent")
    writeFileSync(join(agent, "versions", `${sha256}.mjs`), code)
    writeFileSync(join(agent, "current"), `${sha256}\n`)
    want(32 * 2 ** 20)
    await read("systemctl start skypanel-agent")
  }, 900_000)

  it("serves, and keeps containers apart now and at the next start", async () => {
    await becomes(
      "the proxy's answer",
      "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/",
      (text) => text !== "000",
    )
    await becomes("the rules", "iptables -t mangle -S INPUT", (text) => text.includes("-j SKYPANEL-INPUT"))
    await becomes("the rules of the next start", `cat ${data}/firewall/ip6tables.rules`, (text) =>
      text.endsWith("COMMIT"),
    )
  }, 90_000)

  it("makes and mounts the volumes of services, where the engine sees them", async () => {
    await becomes("the volume", `findmnt --noheadings --output FSTYPE ${place}`, (text) => text === "ext4")
    expect(await machine().read(`stat --format %u ${place}`)).toBe("65534")
  }, 90_000)

  it.skipIf(!growsInUse)(
    "makes a volume bigger while it is in use",
    async () => {
      const bytes = `df --output=size --block-size=1 ${place} | tail -n 1`
      const before = Number(await machine().read(bytes))
      // Who works in it keeps it from being taken away: it grows as it is, or not at all.
      await machine().read(`cd ${place} && { setsid sleep 300 >/dev/null 2>&1 & }`)
      await machine().read("systemctl stop skypanel-agent")
      want(96 * 2 ** 20)
      await machine().read("systemctl start skypanel-agent")
      await becomes("the larger volume", bytes, (text) => Number(text) > before + 32 * 2 ** 20)
    },
    90_000,
  )

  it("hands its proxy on to the next agent", async () => {
    await becomes("one proxy", proxies, (text) => /^\d+$/.test(text))
    const before = await machine().read(proxies)
    await machine().read("systemctl kill --kill-whom=main --signal=KILL skypanel-agent")
    await becomes("another one", proxies, (text) => /^\d+$/.test(text) && text !== before)
  }, 90_000)

  it("is refused nothing that it does", async () => {
    expect(await journal()).not.toMatch(/NotCapable|PermissionDenied|EPERM|not permitted|--allow-/)
  })
})
