import { execFile, spawn } from "node:child_process"
import { mkdtempSync, readlinkSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll } from "vitest"
import { runningProcesses, signal } from "../../dev/processes.ts"
import { useLab, usePostgres } from "./fixtures.ts"
import type { Lab, LabWorker } from "./lab.ts"
import { askEndpoint, type StartedPlatform, startPlatform } from "./startPlatform.ts"
import { checkout, type TestProgram } from "./TestProgram.ts"
import { until } from "./until.ts"
import type { Visits } from "./visitor.ts"

const inLab = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.runPromise(Effect.provide(effect, NodeServices.layer))

export const endpointPort = 8000

/** A worker: a machine of the lab with its agent and its proxy. */
export class FleetWorker {
  readonly name: string
  readonly machine: LabWorker
  readonly agent: TestProgram

  constructor(name: string, machine: LabWorker, agent: TestProgram) {
    this.name = name
    this.machine = machine
    this.agent = agent
  }

  get proxy() {
    return `${this.machine.address}:${endpointPort}`
  }

  ask(host: string, path = "/") {
    return askEndpoint(this.proxy, host, path)
  }

  /** Pulls out its cable. */
  cut() {
    return inLab(this.machine.cut)
  }
  mend() {
    return inLab(this.machine.mend)
  }

  /** It reaches these machines no more, and answers them no more; whom else it reaches stays as it is. */
  async cutFrom(...addresses: ReadonlyArray<string>) {
    for (const address of addresses) await this.route("add", address)
  }
  async mendTo(...addresses: ReadonlyArray<string>) {
    for (const address of addresses) await this.route("delete", address)
  }
  private route(what: "add" | "delete", address: string) {
    const [command, args] = this.machine.inside("ip", "route", what, "blackhole", address)
    return promisify(execFile)(command, args)
  }

  /** Ends its engine with all its containers, and starts it again. */
  async restartEngine() {
    await inLab(this.machine.stop)
    await inLab(this.machine.start)
  }

  /** Whatever runs in its network: agent, proxy, engine, containers' proxies. */
  private own(): ReadonlyArray<number> {
    const { ino } = statSync(`/run/netns/${this.machine.namespace}`)
    const engine = new Set(Effect.runSync(this.machine.processes))
    return runningProcesses()
      .filter(({ pid, networkNamespace }) => networkNamespace === `net:[${ino}]` || engine.has(pid))
      .map(({ pid }) => pid)
  }

  /** Everything of it at once: cable, engine, containers, agent and proxy. */
  async powerOff() {
    await this.cut()
    for (const pid of this.own()) signal(pid, "SIGKILL")
    await this.agent.end("SIGKILL")
    await inLab(this.machine.kill)
  }

  async powerOn() {
    await inLab(this.machine.start)
    this.agent.start()
  }

  /** The programs that would outlive its agent. */
  async end() {
    await this.agent.end("SIGTERM")
    for (const pid of this.own().filter((pid) => readlink(pid).endsWith("/haproxy"))) signal(pid, "SIGKILL")
  }
}

const readlink = (pid: number) => {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ""
  }
}

/** A worker as it shall be; what is left out, the fleet chooses. */
interface Added {
  readonly name?: string
  readonly machine?: LabWorker
  /** What an administrator was given for it. */
  readonly token?: string
}

export interface TestFleet
  extends Pick<StartedPlatform, "url" | "port" | "api" | "cli" | "startCli" | "email" | "password"> {
  readonly lab: Lab
  readonly databaseUrl: string
  /** The cluster's manager, which runs no service. */
  readonly manager: LabWorker
  readonly platform: TestProgram
  readonly builder: TestProgram
  readonly workers: ReadonlyArray<FleetWorker>
  readonly addMachine: () => Promise<LabWorker>
  readonly addWorker: (more?: Record<string, string>, added?: Added) => Promise<FleetWorker>
  readonly worker: (name: string) => FleetWorker
  readonly isReady: () => Promise<true>
  /** Pulls out the cable of the machine that the platform runs on. */
  readonly cutPlatform: () => Promise<void>
  readonly mendPlatform: () => Promise<void>
  readonly cutManager: () => Promise<void>
  readonly mendManager: () => Promise<void>
  readonly end: () => Promise<void>
}

/**
 * A whole SkyPanel with several real workers, each in a network of its own, joined into a true Swarm by their agents.
 * The platform is on this machine; the cluster's manager is a machine of its own.
 */
export const useFleet = (workers: Workers = 3, more: Record<string, string> = {}) => {
  const postgres = usePostgres()
  const lab = useLab()
  let made: TestFleet | undefined
  let folder = ""

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "skypanel-fleet-"))
    made = await startFleet(folder, await postgres().database(), lab(), workers, more)
    await made.isReady()
  }, 300_000)

  afterAll(async () => {
    await made?.end()
    if (process.env.KEEP_TEST_FOLDERS === undefined) rmSync(folder, { recursive: true, force: true })
  }, 120_000)

  return () => {
    if (made === undefined) throw new Error("only inside a test or a hook")
    return made
  }
}

/** How many, or what they are called. */
type Workers = number | ReadonlyArray<string>

const namesOf = (workers: Workers) =>
  typeof workers === "number" ? Array.from({ length: workers }, (_, at) => `worker-${at + 1}`) : workers

/** `folder` holds what its programs write. The lab is the caller's to remove, and `end` comes before that. */
export const startFleet = async (
  folder: string,
  databaseUrl: string,
  lab: Lab,
  wanted: Workers,
  more: Record<string, string> = {},
): Promise<TestFleet> => {
  const manager = await inLab(lab.addMachine)
  const hostAddress = lab.address
  const started = await startPlatform({ folder, databaseUrl, hostAddress, manager, endpointPort, more })
  const workers: Array<FleetWorker> = []
  const addMachine = () => inLab(lab.addMachine)
  const addWorker = async (environment: Record<string, string> = {}, added: Added = {}) => {
    const { name = `worker-${workers.length + 1}`, token } = added
    const machine = added.machine ?? (await addMachine())
    const agent = await started.startAgent({
      name,
      roles: "services,ingress",
      dataFolder: machine.dataFolder,
      installed: true,
      ...(token === undefined ? {} : { token }),
      environment: {
        SKYPANEL_DOCKER_SOCKET: machine.socket,
        SKYPANEL_ENDPOINT_PORT: String(endpointPort),
        SKYPANEL_ENDPOINT_BIND: machine.address,
        ...environment,
      },
      inside: machine.inside,
    })
    const worker = new FleetWorker(name, machine, agent)
    workers.push(worker)
    return worker
  }
  for (const name of namesOf(wanted)) await addWorker({}, { name })
  const builder = await started.startBuilder()
  return {
    ...started,
    lab,
    databaseUrl,
    manager,
    platform: started.program,
    builder,
    workers,
    addMachine,
    addWorker,
    worker: (name) => workers.find((worker) => worker.name === name)!,
    isReady: () => started.isReady(workers.length + 1, [...workers.map(({ agent }) => agent), builder]),
    cutPlatform: () => inLab(lab.cut),
    mendPlatform: () => inLab(lab.mend),
    cutManager: () => inLab(manager.cut),
    mendManager: () => inLab(manager.mend),
    end: async () => {
      await Promise.all(workers.map((worker) => worker.end()))
      await builder.end("SIGTERM")
      await started.program.end("SIGTERM")
    },
  }
}

/** Asks an endpoint over and over, from this machine or from one of the lab, until `stop`. */
export const startVisitor = (proxy: string, host: string, everyMs = 20, from?: LabWorker) => {
  const program = [process.execPath, join(checkout, "test/lab/visitor.ts"), proxy, host, String(everyMs)]
  const [command, args] =
    from === undefined ? [program[0]!, program.slice(1)] : from.inside(program[0]!, ...program.slice(1))
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
  let text = ""
  child.stdout.on("data", (chunk) => (text += chunk))
  const ended = new Promise((resolve) => child.once("close", resolve))
  return {
    stop: async (): Promise<Visits> => {
      child.stdin.end()
      await ended
      return JSON.parse(text)
    },
  }
}

/** What tests do with services and workers of a fleet, in the words of an administrator. */
export const inFleet = (fleet: () => TestFleet) => {
  const services = "/organizations/acme/services"
  const service = async (name: string) => (await fleet().api("GET", `${services}/${name}`)).body
  const view = async (name: string) => (await fleet().api("GET", `/workers/${name}`)).body

  const deploy = async (name: string, more: object = {}) => {
    const { status, body } = await fleet().api("POST", services, { name, source: web, ...more })
    if (status !== 202) throw new Error(`${name} is not deployed: ${JSON.stringify(body)}`)
    await until(
      `${name} to be live`,
      async () => {
        const now = await service(name)
        if (now.state === "failed") throw new Error(JSON.stringify(now))
        return now.state === "live" ? true : null
      },
      120,
    )
  }

  /** The workers that its healthy instances are on. */
  const homesOf = async (name: string): Promise<ReadonlyArray<FleetWorker>> =>
    (await service(name)).instances
      .filter(({ healthy }: { healthy: boolean }) => healthy)
      .map(({ worker }: { worker: string }) => fleet().worker(worker))

  const isIn = (worker: FleetWorker, state: string, seconds = 60) => {
    let seen = ""
    return until(
      `${worker.name} to be ${state}`,
      async () => {
        const now = await view(worker.name)
        seen = `${now.state}: ${now.reason}`
        return now.state === state ? now : null
      },
      seconds,
    ).catch((error) => {
      throw new Error(`${error.message}; it is ${seen}\n${worker.agent.tail()}`, { cause: error })
    })
  }

  /** Every container of a service that runs on a worker, by the engine's own word. */
  const containersOf = async (worker: FleetWorker, id: string) =>
    (await worker.machine.docker.listContainers()).filter(({ Labels }) => Labels["skypanel.service"] === id)

  /** When each container of each service was started, by the engines' own word: a restart shows. */
  const starts = async (): Promise<Readonly<Record<string, string>>> => {
    const all: Record<string, string> = {}
    for (const { machine } of fleet().workers)
      for (const { Id } of await machine.docker.listContainers()) {
        const { State } = await machine.docker.getContainer(Id).inspect()
        all[Id] = State.StartedAt
      }
    return all
  }

  const isAnswering = (proxy: FleetWorker, name: string, seconds = 60) =>
    until(
      `${name} to answer at ${proxy.name}`,
      async () => ((await proxy.ask(`${name}-acme.localhost`)).status === 200 ? true : null),
      seconds,
    )

  /** Titles of what administrators were told, newest first. */
  const told = async (): Promise<ReadonlyArray<string>> =>
    (await fleet().api("GET", "/notifications")).body.notifications.map(
      ({ title }: { title: string }) => title,
    )

  const policy = async (change: object) => {
    const { body } = await fleet().api("GET", "/fleet")
    const { status, body: answer } = await fleet().api("PUT", "/fleet/policy", { ...body.policy, ...change })
    if (status !== 200) throw new Error(`the policy is not taken: ${JSON.stringify(answer)}`)
  }

  return { service, view, deploy, homesOf, isIn, containersOf, starts, isAnswering, told, policy }
}

/** A service that is a few lines of JavaScript: the body of `answer(request)`, which gives a text. */
const application = (answer: string) =>
  ({
    _tag: "expression",
    expression: `{ pkgs, ... }: pkgs.writeShellScriptBin "web" ''
  exec \${pkgs.nodejs}/bin/node \${pkgs.writeText "web.js" ''
    const { createServer } = require("node:http")
    const { hostname } = require("node:os")
    const { lookup } = require("node:dns/promises")
    const { appendFileSync, readFileSync } = require("node:fs")
    ${answer}
    const server = createServer((request, response) =>
      answer(request).then((text) => response.end(text), (error) => response.end(error.code || error.message)))
    server.listen(process.env.PORT)
    process.on("SIGTERM", () => { server.close(() => process.exit(0)); setTimeout(() => process.exit(0), 1000) })
  ''}
''
`,
  }) as const

/** Answers with its container's name. */
export const web = application("const answer = async () => hostname()")

/** Writes each of its starts into its volume, and answers with how many there were. */
export const counter = application(`
    appendFileSync("/data/starts", "x")
    const answer = async () => String(readFileSync("/data/starts").length)`)

/** Asks another service of its organization, by its name: /NAME:PORT. */
export const caller = application(
  'const answer = async ({ url }) => hostname() + " " + (await (await fetch("http:/" + url)).text())',
)
