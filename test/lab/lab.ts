import { join } from "node:path"
import type Docker from "dockerode"
import { Effect, Exit, Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { CannotStart } from "../../dev/CannotStart.ts"
import type { EngineIsolation } from "../../dev/engine-isolation.ts"
import { engineProcesses } from "../../dev/engine-traces.ts"
import { cgroupOf, type PrivateEngine, startPrivateEngine } from "../../dev/private-engine.ts"
import { signal } from "../../dev/processes.ts"
import { run } from "../../dev/program.ts"
import { shareFolder } from "../../dev/shared-folder.ts"
import { ensureSwarm } from "../../dev/swarm.ts"
import {
  addAddress,
  addGateway,
  HOST,
  type LabAddress,
  type LabGateway,
  type LabNetwork,
  makeNetwork,
  setCable,
  WORKERS,
} from "./network.ts"
import { makeServer, type TestServer } from "./server.ts"

type Starts<A> = Effect.Effect<A, CannotStart, ChildProcessSpawner.ChildProcessSpawner>

/** A machine of the lab: a network namespace with a Docker Engine in it. */
export interface LabWorker {
  /** `w1`, `w2`, … in the order they were added. */
  readonly id: string
  /** Its address in the lab's network, reached from this machine and from other workers. */
  readonly address: string
  /** Its network namespace (`ip netns exec …`, or `inside`). */
  readonly namespace: string
  /** The engine's socket; it is reached from everywhere on this machine. */
  readonly socket: string
  readonly docker: Docker
  /** For its agent: what is mounted below `volumes` in there, the engine sees. */
  readonly dataFolder: string
  /** The id of this engine's node in the lab's swarm. */
  readonly nodeId: Effect.Effect<string, CannotStart>
  /** The argument list that runs a program in this worker's network. */
  readonly inside: (command: string, ...args: ReadonlyArray<string>) => readonly [string, Array<string>]
  /** Pulls out the network cable; `mend` puts it back. Nothing stops running. */
  readonly cut: Starts<void>
  readonly mend: Starts<void>
  /** The ids of the engine's processes and of its containers' processes, as they are now. */
  readonly processes: Effect.Effect<ReadonlyArray<number>>
  /** Stops every process of the engine where it is (SIGSTOP); `thaw` lets them go on. */
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
  /** Power loss: the cable and, at once, every process of the engine and its containers. */
  readonly kill: Starts<void>
  /** Stops the engine; what has not stopped after 1.5 seconds is killed. `start` starts it again after `stop` or `kill`, with the cable in. */
  readonly stop: Effect.Effect<void>
  readonly start: Starts<void>
  /** Joins the lab's swarm again, after it has left it. */
  readonly join: Effect.Effect<void, CannotStart>
}

export interface Lab {
  /** Pulls out this machine's own cable: what runs here reaches no worker, and none reaches it. */
  readonly cut: Starts<void>
  readonly mend: Starts<void>
  /** This machine's address as workers and containers see it: listen here for what they shall reach. */
  readonly address: string
  /** A folder that is removed with the lab. */
  readonly directory: string
  /** Adds a worker. The first one founds the swarm, the others join it as workers. */
  readonly addWorker: Starts<LabWorker>
  /** Adds one whose engine is in no swarm: what becomes of it is decided by its agent. */
  readonly addMachine: Starts<LabWorker>
  /** Adds a fresh server, at the end of the network: a machine on which nothing is yet. */
  readonly addServer: Starts<TestServer>
  /** The same as `addWorker`, with an engine that keeps containers further apart. */
  readonly addWorkerWith: (isolation: EngineIsolation) => Starts<LabWorker>
  /** Puts a machine with these addresses beyond the workers that are there; each gets a public address of its own. */
  readonly addGateway: (
    addresses: ReadonlyArray<string>,
    publicOf: (worker: LabWorker) => string,
  ) => Starts<LabGateway>
}

const nodeIdOf = (docker: Docker) =>
  Effect.tryPromise({
    try: async () => ((await docker.info()) as { Swarm: { NodeID: string } }).Swarm.NodeID,
    catch: (cause) => new CannotStart({ what: "Docker Swarm", why: (cause as Error).message }),
  })

const joinSwarm = (founder: LabWorker, docker: Docker, address: string) =>
  Effect.tryPromise({
    try: async () => {
      const { JoinTokens } = await founder.docker.swarmInspect()
      await docker.swarmJoin({
        ListenAddr: `${address}:2377`,
        AdvertiseAddr: address,
        DataPathAddr: address,
        RemoteAddrs: [`${founder.address}:2377`],
        JoinToken: JoinTokens.Worker,
      })
    },
    catch: (cause) => new CannotStart({ what: "Docker Swarm", why: (cause as Error).message }),
  })

/** One engine that can be stopped, killed and started again within the lab's scope. */
const makeEngine = Effect.fnUntraced(function* (
  network: LabNetwork,
  index: number,
  at: LabAddress,
  isolation: EngineIsolation,
) {
  const whole = yield* Effect.scope
  const directory = join(network.directory, `w${index + 1}`)
  let current: { readonly engine: PrivateEngine; readonly scope: Scope.Closeable } | undefined
  const start = Effect.gen(function* () {
    yield* setCable(network, index, "up")
    const scope = yield* Scope.fork(whole)
    const engine = yield* Scope.provide(
      startPrivateEngine({
        directory,
        namespace: at.namespace,
        addressPools: at.addressPools,
        insecureRegistries: ["10.213.0.0/16"],
        stopWithin: 1500,
        isolation,
      }),
      scope,
    )
    // What is a packet from this machine itself in production crosses the worker's cable here.
    const accept = ["-w", "5", "-I", "DOCKER-USER", "-i", "eth0", "-j", "ACCEPT"]
    yield* run("nsenter", [`--net=/run/netns/${at.namespace}`, "iptables", ...accept])
    current = { engine, scope }
    return engine
  })
  const stop = Effect.suspend(() => (current ? Scope.close(current.scope, Exit.void) : Effect.void))
  const processes = Effect.sync(() => engineProcesses(directory, cgroupOf(directory)).map(({ pid }) => pid))
  const signalAll = (name: NodeJS.Signals) =>
    Effect.map(processes, (pids) => {
      for (const pid of pids) signal(pid, name)
    })
  return { start, stop, signalAll, processes }
})

const makeWorker = Effect.fnUntraced(function* (
  network: LabNetwork,
  index: number,
  isolation: EngineIsolation,
  enter: (docker: Docker, address: string) => Effect.Effect<void, CannotStart>,
) {
  if (index >= WORKERS)
    return yield* new CannotStart({ what: "Lab", why: `a lab has at most ${WORKERS} workers` })
  const at = yield* addAddress(network, index)
  const dataFolder = join(network.directory, `w${index + 1}-agent`)
  yield* shareFolder(join(dataFolder, "volumes"))
  const { start, stop, signalAll, processes } = yield* makeEngine(network, index, at, isolation)
  const { docker, socket } = yield* start
  yield* enter(docker, at.address)
  return {
    id: `w${index + 1}`,
    address: at.address,
    namespace: at.namespace,
    socket,
    docker,
    dataFolder,
    nodeId: nodeIdOf(docker),
    inside: (command, ...args) =>
      ["nsenter", [`--net=/run/netns/${at.namespace}`, "--", command, ...args]] as const,
    cut: setCable(network, index, "down"),
    mend: setCable(network, index, "up"),
    processes,
    freeze: signalAll("SIGSTOP"),
    thaw: signalAll("SIGCONT"),
    kill: setCable(network, index, "down").pipe(
      Effect.andThen(signalAll("SIGKILL")),
      Effect.andThen(stop), // clears away what the dead engine left
    ),
    stop,
    start: Effect.asVoid(start),
    join: enter(docker, at.address),
  } satisfies LabWorker
})

/** Several real workers on this machine, on one network. Closing the scope removes all of it. Needs root. */
export const makeLab: Effect.Effect<Lab, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.gen(function* () {
    const network = yield* makeNetwork
    const scope = yield* Effect.scope
    const workers: Array<LabWorker> = []
    let servers = 0
    const add = Effect.fnUntraced(function* (
      isolation: EngineIsolation,
      enter: (docker: Docker, address: string) => Effect.Effect<void, CannotStart>,
    ) {
      const worker = yield* Scope.provide(makeWorker(network, workers.length, isolation, enter), scope)
      workers.push(worker)
      return worker
    })
    const enterSwarm = (docker: Docker, address: string) =>
      workers[0] ? joinSwarm(workers[0], docker, address) : ensureSwarm(docker, { address })
    const addWorkerWith = (isolation: EngineIsolation) => add(isolation, enterSwarm)
    return {
      cut: setCable(network, HOST, "down"),
      mend: setCable(network, HOST, "up"),
      address: network.address,
      directory: network.directory,
      addWorker: addWorkerWith({}),
      addGateway: (addresses, publicOf) =>
        addGateway(
          network,
          addresses,
          workers.map((worker) => ({ ...worker, public: publicOf(worker) })),
        ),
      addWorkerWith,
      addMachine: add({}, () => Effect.void),
      addServer: Effect.suspend(() => Scope.provide(makeServer(network, WORKERS - ++servers), scope)),
    }
  })
