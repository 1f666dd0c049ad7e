import { createHash } from "node:crypto"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import Docker from "dockerode"
import { Effect, Schedule, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { CannotStart } from "./CannotStart.ts"
import {
  type EngineIsolation,
  engineConfiguration,
  isolationArguments,
  writeIsolation,
} from "./engine-isolation.ts"
import { forgetNetwork, killEngine, rememberNetwork, removeCgroups } from "./engine-traces.ts"
import { runningProcesses } from "./processes.ts"
import { launch, type RunningProgram } from "./program.ts"

export interface PrivateEngineOptions {
  /** Holds everything of the engine: images, containers, sockets, logs. At most 60 characters long. */
  readonly directory: string
  /** The name of the network namespace it runs in (`ip netns`); the machine's own when there is none. */
  readonly namespace?: string
  /** Where the bridges of this machine get their addresses: `[base, size]`; the first is docker_gwbridge's. */
  readonly addressPools: ReadonlyArray<readonly [base: string, size: number]>
  readonly insecureRegistries?: ReadonlyArray<string>
  /** Milliseconds that it and its containers have to stop before they are killed; 20 seconds when not given. */
  readonly stopWithin?: number
  readonly isolation?: EngineIsolation
}

export interface PrivateEngine {
  readonly socket: string
  readonly docker: Docker
  readonly program: RunningProgram
}

const PROGRAM = ["/usr/sbin/dockerd", "/usr/bin/dockerd", "/run/current-system/sw/bin/dockerd"]

/** The cgroup below which all containers of this engine run: its processes can be told from all others. */
export const cgroupOf = (directory: string): string =>
  `skypanel-${createHash("sha256").update(directory).digest("hex").slice(0, 12)}`

const argumentsOf = (options: PrivateEngineOptions, socket: string): ReadonlyArray<string> => [
  ...["--config-file", join(options.directory, "daemon.json")],
  ...["--data-root", join(options.directory, "data"), "--exec-root", join(options.directory, "run")],
  ...["--pidfile", join(options.directory, "docker.pid"), "--host", `unix://${socket}`],
  // Nothing of ours is on docker0, and without it there is less to clean up. Swarm makes docker_gwbridge itself.
  ...["--bridge", "none", "--shutdown-timeout", "5"],
  ...["--cgroup-parent", `/${cgroupOf(options.directory)}`, "--exec-opt", "native.cgroupdriver=cgroupfs"],
  ...["--log-opt", "max-size=10m", "--log-opt", "max-file=3"],
  ...options.addressPools.flatMap(([base, size]) => ["--default-address-pool", `base=${base},size=${size}`]),
  ...isolationArguments(options.isolation ?? {}),
  ...(options.insecureRegistries ?? []).flatMap((registry) => ["--insecure-registry", registry]),
]

const untilItAnswers = (docker: Docker, program: RunningProgram) =>
  Effect.tryPromise(() => docker.ping()).pipe(
    Effect.retry(Schedule.spaced(50)),
    Effect.raceFirst(
      Effect.flatMap(program.ended, (code) => Effect.fail(new Error(`dockerd ended with exit code ${code}`))),
    ),
    Effect.timeout(60_000),
    Effect.mapError(
      ({ message }) => new CannotStart({ what: "Docker Engine", why: message, log: program.tail() }),
    ),
  )

/** Two engines in one network would share docker_gwbridge and the packet filter, and break each other. */
const ensureAlone = Effect.suspend(() => {
  const all = runningProcesses()
  const own = all.find(({ pid }) => pid === process.pid)?.networkNamespace
  const other = all.find(
    ({ command, networkNamespace }) =>
      /(^|\/)dockerd$/.test(command[0] ?? "") && networkNamespace === own && own !== "",
  )
  if (other === undefined) return Effect.void
  return new CannotStart({
    what: "Docker Engine",
    why: `another one runs in this machine's network (process ${other.pid})`,
    remedy: "set SKYPANEL_DOCKER_SOCKET in .env to its socket, or stop it",
  })
})

const cleanUp = Effect.fnUntraced(function* (options: PrivateEngineOptions) {
  const { directory } = options
  yield* killEngine(directory, cgroupOf(directory))
  yield* removeCgroups(cgroupOf(directory))
  yield* forgetNetwork(directory)
  for (const name of ["run", "docker.pid", "docker.sock"])
    rmSync(join(directory, name), { recursive: true, force: true })
})

/** Also where the agent's tests run on Deno, this helper is Node's. */
const NODE =
  "deno" in process.versions ? join(import.meta.dirname, "../node_modules/.bin/node") : process.execPath

const insideOf = (options: PrivateEngineOptions, settings: string): ReadonlyArray<string> => [
  ...(options.namespace ? ["nsenter", `--net=/run/netns/${options.namespace}`] : []),
  ...["unshare", "--mount", "--propagation", "slave"],
  ...[NODE, "--disable-warning=ExperimentalWarning"],
  ...[join(import.meta.dirname, "engine-namespace.ts"), "--settings", settings],
  "--",
]

/**
 * Starts a Docker Engine with its own containerd, all of whose files are in `directory`. What a killed run left
 * is cleaned up first. Closing the scope stops it and all its containers, and takes away its bridges, packet
 * filter rules and cgroups; its mounts were only ever visible to itself. Needs root.
 */
export const startPrivateEngine: (
  options: PrivateEngineOptions,
) => Effect.Effect<PrivateEngine, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.fnUntraced(function* (options: PrivateEngineOptions) {
    const { directory } = options
    const command = PROGRAM.find((path) => existsSync(path))
    if (command === undefined)
      return yield* new CannotStart({ what: "Docker Engine", why: "dockerd is not installed" })
    const settings = join(directory, "etc")
    mkdirSync(settings, { recursive: true })
    writeFileSync(join(directory, "daemon.json"), engineConfiguration(options.isolation ?? {}))
    writeIsolation(settings, options.isolation ?? {})
    yield* cleanUp(options)
    if (options.namespace === undefined) {
      yield* ensureAlone
      yield* rememberNetwork(directory)
    }
    yield* Effect.addFinalizer(() => Effect.orDie(cleanUp(options)))
    const socket = join(directory, "docker.sock")
    const program = yield* launch({
      name: "Docker Engine",
      command,
      args: argumentsOf(options, socket),
      inside: insideOf(options, settings),
      log: join(directory, "docker.log"),
      stopSignal: "SIGTERM",
      stopWithin: options.stopWithin ?? 20_000,
    })
    const docker = new Docker({ socketPath: socket })
    yield* untilItAnswers(docker, program)
    return { socket, docker, program }
  })
