import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:http"
import { NodeServices } from "@effect/platform-node"
import type { Desired, Observed } from "@skypanel/contract/AgentProtocol"
import { Effect, Exit, Scope } from "effect"
import { nothing } from "../../agent/src/desired/DesiredState.ts"
import { startChannel } from "../../agent/test/platform.ts"
import type { EngineIsolation } from "../../dev/engine-isolation.ts"
import { type LabWorker, makeLab } from "../lab/lab.ts"
import { TestProgram } from "../lab/TestProgram.ts"
import { until } from "../lab/until.ts"
import { hostOf, type Placed, place, placementOf } from "./place.ts"
import { makeProbeImage } from "./probeImage.ts"
import { run } from "./run.ts"

type Channel = Awaited<ReturnType<typeof startChannel>>

/** What is beyond the workers, on a machine that has no way out. */
export const beyond = {
  /** A public address that is nobody's business of ours. */
  internet: "93.184.215.14",
  controlPlane: "93.184.216.2",
  metadata: ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"],
} as const
export const publicOf = (worker: LabWorker) => `93.184.216.${10 + Number(worker.id.slice(1))}`

/** The port of a worker's proxy. */
export const endpointPort = 80

/** What listens on every worker that is no container's business: ssh, and an engine's port that somebody opened. */
export const workerPorts = [22, 2375, 2376, 5432] as const

/** Where the agent of a worker writes. */
export const logOf = (worker: LabWorker) => `${worker.dataFolder}.log`

/** A worker with its agent, and the platform's end of the agent's connection. */
export class Member {
  readonly worker: LabWorker
  readonly channel: Channel
  readonly agent: TestProgram
  nodeId = ""
  private desired: Desired = { ...nothing, generation: 1 }

  constructor(worker: LabWorker, channel: Channel) {
    this.worker = worker
    this.channel = channel
    this.agent = new TestProgram(
      worker.id,
      "agent/src/main.ts",
      () => ({
        SKYPANEL_CONTROL_PLANE: channel.url.href,
        SKYPANEL_DATA: worker.dataFolder,
        SKYPANEL_DOCKER_SOCKET: worker.socket,
        SKYPANEL_WORKER_ROLES: "services",
        SKYPANEL_ENDPOINT_BIND: "0.0.0.0",
        SKYPANEL_ENDPOINT_PORT: String(endpointPort),
        SKYPANEL_ORIGIN: "development",
      }),
      logOf(worker),
      worker.inside,
    )
  }

  /** Starts the agent, and waits until it says that it keeps containers apart. */
  async start() {
    const before = this.channel.connections.length
    this.agent.start()
    await until("the agent's connection", async () =>
      (this.channel.connections[before]?.said.length ?? 0) > 1 ? true : null,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.last()}\n${this.agent.tail()}`)
    })
    this.tell({})
    await this.said("no problem", ({ problems }) => problems.length === 0)
  }

  private get connection() {
    return this.channel.connections.at(-1)!
  }

  tell(change: Partial<Desired>) {
    this.desired = { ...this.desired, ...change, generation: this.desired.generation + 1 }
    this.connection.send(this.desired)
  }

  /** The first report after the `from`th message that is like this. */
  said(what: string, is: (observed: Observed) => boolean, from = 0, seconds = 30): Promise<Observed> {
    return until(
      `${this.worker.id}'s report of ${what}`,
      async () =>
        this.connection.said.slice(from).find((one): one is Observed => one._tag === "observed" && is(one)) ??
        null,
      seconds,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.last()}\n${this.agent.tail()}`)
    })
  }

  private last() {
    return JSON.stringify(this.channel.connections.at(-1)?.said.findLast(({ _tag }) => _tag === "observed"))
  }

  /** Its report of no problem after this other one. */
  whole(after: Observed, seconds = 30) {
    const from = this.connection.said.indexOf(after) + 1
    return this.said("no problem", ({ problems }) => problems.length === 0, from, seconds)
  }

  /** How many messages it has sent. */
  count() {
    return this.connection.said.length
  }

  /** Runs a program in the worker's network. */
  run(program: string, ...args: ReadonlyArray<string>) {
    return run(...this.worker.inside(program, ...args))
  }

  /** The newest running container of a service. */
  async container({ n }: Pick<Placed, "n">): Promise<string> {
    return until(`a container of test-${n}`, async () => {
      const found = await this.worker.docker.listContainers({
        filters: { label: [`com.docker.swarm.service.name=test-${n}`], status: ["running"] },
      })
      return found[0]?.Id ?? null
    })
  }

  /** Its addresses, by network device. */
  async addresses(placed: Pick<Placed, "n">): Promise<{ readonly overlay: string; readonly bridge: string }> {
    const inspected = await this.worker.docker.getContainer(await this.container(placed)).inspect()
    const overlay = Object.values(inspected.NetworkSettings.Networks)[0]?.IPAddress ?? ""
    const network = await this.worker.docker.getNetwork("docker_gwbridge").inspect()
    const own = (network.Containers as Record<string, { readonly IPv4Address: string }>)[inspected.Id]
    return { overlay, bridge: own?.IPv4Address.split("/")[0] ?? "" }
  }

  /** Places services here, and waits until the agent finds them healthy. */
  async place(founder: LabWorker, ...all: ReadonlyArray<Omit<Placed, "nodeId">>) {
    const placed = all.map((one) => ({ ...one, nodeId: this.nodeId }))
    this.tell({
      placements: [...this.desired.placements, ...placed.map(placementOf)],
      routes: [
        ...this.desired.routes,
        ...placed.map((one) => {
          const { serviceId, deploymentId } = placementOf(one)
          return { host: hostOf(one), serviceId, deploymentId, peers: [] }
        }),
      ],
    })
    const services = await Promise.all(placed.map((one) => place(founder.docker, one)))
    for (const one of placed) await this.healthy(one)
    return services
  }

  healthy(placed: Pick<Placed, "n">, from = 0) {
    const { placementId } = placementOf({ organization: 0, name: "", nodeId: "", ...placed })
    return this.said(
      `a healthy container of test-${placed.n}`,
      ({ containers }) => containers.some((one) => one.placementId === placementId && one.healthy),
      from,
      60,
    )
  }

  async ended() {
    await this.agent.end("SIGTERM")
  }
}

export interface Fleet {
  readonly members: ReadonlyArray<Member>
  readonly founder: LabWorker
  /** This machine's address: the platform listens there. */
  readonly platform: { readonly address: string; readonly ports: ReadonlyArray<number> }
  /** The machine beyond: it is on the workers' network, and none of the fleet. */
  readonly gateway: { readonly address: string; readonly namespace: string }
  readonly stop: () => Promise<void>
}

export const runInLab = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.runPromise(Effect.provide(effect, NodeServices.layer))

const listenIn = (namespace: string, address: string, port: number): ChildProcess => {
  const six = address.includes(":")
  const listener = `${six ? "TCP6" : "TCP4"}-LISTEN:${port},fork,reuseaddr,bind=${six ? `[${address}]` : address}`
  return spawn("nsenter", [`--net=/run/netns/${namespace}`, "--", "socat", listener, "PIPE"], {
    stdio: "ignore",
  })
}

/**
 * Real workers with real agents, each in a network of its own; and beyond them a machine that has every address which a
 * container must not reach, and one that it may. The platform is the test's.
 */
export const startFleet = async (isolation: ReadonlyArray<EngineIsolation>): Promise<Fleet> => {
  const scope = Effect.runSync(Scope.make())
  const inScope = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | Scope.Scope>) =>
    runInLab(Scope.provide(effect, scope))
  const children: Array<ChildProcess> = []
  const members: Array<Member> = []
  const image = makeProbeImage()
  const lab = await inScope(makeLab)
  for (const each of isolation) {
    const worker = await inScope(lab.addWorkerWith(each))
    const channel = await startChannel(0, lab.address)
    await channel.identity(worker.dataFolder)
    await image.importInto(worker.docker)
    const member = new Member(worker, channel)
    member.nodeId = await runInLab(worker.nodeId)
    members.push(member)
  }
  image.remove()
  const { internet, controlPlane, metadata } = beyond
  const gateway = await inScope(lab.addGateway([internet, controlPlane, ...metadata], publicOf))
  const outside: ReadonlyArray<readonly [string, number]> = [
    [internet, 80],
    [internet, 25],
    ...[80, 443, 2377, 5432].map((port) => [controlPlane, port] as const),
    ...metadata.map((address) => [address, 80] as const),
  ]
  for (const [address, port] of outside) children.push(listenIn(gateway.namespace, address, port))
  for (const { worker } of members)
    for (const port of workerPorts) children.push(listenIn(worker.namespace, "0.0.0.0", port))
  // Stands for PostgreSQL: what matters is who reaches it.
  const database = createServer()
  await new Promise<void>((resolve) => database.listen(0, lab.address, resolve))
  const databasePort = (database.address() as { readonly port: number }).port
  await Promise.all(members.map((member) => member.start()))
  return {
    members,
    founder: members[0]!.worker,
    platform: { address: lab.address, ports: [databasePort, ...members.map(({ channel }) => channel.port)] },
    gateway,
    stop: async () => {
      await Promise.all(members.map((member) => member.ended()))
      for (const { channel } of members) await channel.stop()
      for (const child of children) child.kill("SIGKILL")
      database.close()
      await runInLab(Scope.close(scope, Exit.void))
    },
  }
}
