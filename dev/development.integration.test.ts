import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Docker from "dockerode"
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { BUSYBOX, BUSYBOX_PROGRAM, importBusybox } from "../test/lab/images.ts"
import { makeNamespace, traces } from "../test/lab/traces.ts"
import { runningProcesses } from "./processes.ts"

// The supervisor with stand-ins for platform and worker, in a network namespace of its own: there it is alone with
// its ports, its docker_gwbridge and its packet filter, as it is on a developer's machine.

const NAMESPACE = `skydev-${process.pid}`
/** What the stand-in worker starts and does not end itself. */
const SURVIVOR = "sleep 100000"
const folder = mkdtempSync(join(tmpdir(), "skypanel-development-"))
const data = join(folder, "data")
const settings = join(folder, ".env")
const socket = join(data, "engine", "docker.sock")

let namespace: ReturnType<typeof makeNamespace>
const within = (...args: ReadonlyArray<string>) => {
  const [command, ...rest] = namespace.inside(...args)
  return execFileSync(command, rest, { encoding: "utf8" })
}

beforeAll(() => {
  namespace = makeNamespace(NAMESPACE)
  writeFileSync(
    settings,
    `SKYPANEL_DATA=${data}\nSKYPANEL_PORT=8080\nSKYPANEL_ENDPOINT_PORT=8000\nNONSENSE=1\n`,
  )
})

afterAll(() => {
  namespace.remove()
  rmSync(folder, { recursive: true, force: true })
})

interface Supervisor {
  readonly pid: number
  readonly output: () => string
  readonly ended: Promise<number | null>
}

const start = (): Supervisor => {
  const main = join(import.meta.dirname, "stand-ins", "main.ts")
  const args = [`--net=/run/netns/${NAMESPACE}`, process.execPath, main, "--settings", settings]
  const child = spawn("nsenter", args, { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (text) => (output += text))
  child.stderr.on("data", (text) => (output += text))
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
  onTestFinished(async () => {
    child.kill("SIGTERM")
    await ended
  })
  return { pid: child.pid ?? 0, output: () => output, ended }
}

const says = (supervisor: Supervisor, text: string | RegExp) =>
  vi.waitFor(() => expect(supervisor.output()).toMatch(text), { timeout: 60_000, interval: 50 })

const ready = async () => {
  const supervisor = start()
  await says(supervisor, /ready: http:\/\/localhost:8080 {2}· {2}sign in as admin@localhost.test with \S{20}/)
  return supervisor
}

const runContainer = async (docker: Docker, name: string) => {
  const container = await docker.createContainer({
    name,
    Image: BUSYBOX,
    Cmd: [BUSYBOX_PROGRAM, "sleep", "100001"],
    HostConfig: { NetworkMode: "none" },
  })
  await container.start()
  return container
}

describe("a development run", () => {
  const before = { current: undefined as ReturnType<typeof traces> | undefined }

  it("starts, says what ignores a setting, and leaves nothing behind after Ctrl-C", async () => {
    before.current = traces(NAMESPACE, data)
    const supervisor = await ready()
    expect(supervisor.output()).toMatch(/line 4: nothing is called NONSENSE/)
    expect(statSync(settings).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(join(data, "run", "cli.json"), "utf8"))).toMatchObject({
      url: "http://127.0.0.1:8080",
      email: "admin@localhost.test",
    })
    const docker = new Docker({ socketPath: socket })
    await importBusybox(docker)
    await runContainer(docker, "sleeper")
    process.kill(supervisor.pid, "SIGINT")
    expect(await supervisor.ended).toBe(0)
    expect(traces(NAMESPACE, data)).toEqual(before.current)
    expect(runningProcesses().filter(({ command }) => command.join(" ").trim() === SURVIVOR)).toEqual([])
    expect(existsSync(join(data, "run", "cli.json"))).toBe(false)
    expect(existsSync(socket)).toBe(false)
    expect(readFileSync(join(data, "log", "agent.log"), "utf8")).toMatch("agent stops")
  }, 90_000)

  it("heals what kill -9 left, keeps what was stored, and refuses to run twice at once", async () => {
    const first = await ready()
    const docker = new Docker({ socketPath: socket })
    expect((await docker.listContainers({ all: true })).map(({ Names }) => Names[0])).toEqual(["/sleeper"])
    await docker.getContainer("sleeper").start()
    process.kill(first.pid, "SIGKILL")
    await first.ended

    const second = await ready()
    expect((await docker.info()).Swarm?.LocalNodeState).toBe("active")
    const third = start()
    expect(await third.ended).toBe(1)
    expect(third.output()).toMatch(`already runs with this data folder (process ${second.pid})`)

    process.kill(second.pid, "SIGTERM")
    expect(await second.ended).toBe(0)
    expect(traces(NAMESPACE, data)).toEqual(before.current)
  }, 120_000)

  it("starts a platform again that was killed", async () => {
    const supervisor = await ready()
    const platform = () =>
      runningProcesses().find(({ command }) => command.some((part) => part.endsWith("stand-ins/platform.ts")))
    const killed = platform()?.pid ?? 0
    process.kill(killed, "SIGKILL")
    await says(supervisor, /platform ended \(exit code \d+\); starting it again in 0.5 s/)
    await vi.waitFor(() => expect([undefined, killed]).not.toContain(platform()?.pid), { timeout: 20_000 })
    expect((await fetchWithin("http://127.0.0.1:8080/")).trim()).toBe("ready")
    process.kill(supervisor.pid, "SIGINT")
    expect(await supervisor.ended).toBe(0)
  }, 90_000)
})

/** An HTTP request from inside the namespace, once somebody listens. */
const fetchWithin = (url: string) =>
  vi.waitFor(() => within("curl", "--silent", "--fail", "--max-time", "5", url), { timeout: 20_000 })

describe("what it cannot do", () => {
  it("names the program that has its port", async () => {
    const script =
      "require('node:http').createServer().listen(8080, '127.0.0.1', () => console.log('listening'))"
    const holder = spawn("nsenter", [`--net=/run/netns/${NAMESPACE}`, process.execPath, "-e", script])
    onTestFinished(() => void holder.kill())
    await new Promise((resolve) => holder.stdout.once("data", resolve))
    const supervisor = start()
    expect(await supervisor.ended).toBe(1)
    expect(supervisor.output()).toMatch(`Port 8080: is taken by`)
    expect(supervisor.output()).toMatch(`(process ${holder.pid})`)
    expect(supervisor.output()).toMatch("SKYPANEL_PORT in .env")
  }, 60_000)
})
