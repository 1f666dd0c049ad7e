import { existsSync } from "node:fs"
import { join } from "node:path"
import Docker from "dockerode"
import { Effect, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { CannotStart } from "./CannotStart.ts"
import { startPrivateEngine } from "./private-engine.ts"
import type { RunningProgram } from "./program.ts"
import { shareFolder } from "./shared-folder.ts"
import { ensureSwarm } from "./swarm.ts"

/** A Docker Engine in Swarm mode that development uses. */
export interface Engine {
  readonly socket: string
  readonly version: string
  /** The engine's process when it is ours; an engine that answered already is not. */
  readonly program?: RunningProgram
}

const USUAL_SOCKET = "/var/run/docker.sock"

/** 1.41 is Docker 20.10: the oldest whose Swarm has what we use. */
const OLDEST_API = [1, 41] as const
const OLDEST_NAME = "20.10"

const DEVELOPMENT_POOLS = [
  ["10.214.255.0/24", 24],
  ["10.215.255.0/24", 27],
] as const

interface Version {
  readonly Version: string
  readonly ApiVersion: string
}

export const isNewEnough = (api: string): boolean => {
  const [major = 0, minor = 0] = api.split(".").map(Number)
  return major > OLDEST_API[0] || (major === OLDEST_API[0] && minor >= OLDEST_API[1])
}

const unreachable = (socket: string, error: NodeJS.ErrnoException) =>
  error.code === "EACCES"
    ? new CannotStart({
        what: "Docker Engine",
        why: `this user may not use ${socket}`,
        remedy: "run as root or join the group that owns it (usually docker), then sign in again",
      })
    : new CannotStart({
        what: "Docker Engine",
        why: `no engine answers at ${socket} (${error.message})`,
        remedy: "start it, or empty SKYPANEL_DOCKER_SOCKET and DOCKER_HOST in .env for a private one",
      })

const versionOf = (socket: string) =>
  Effect.tryPromise({
    try: async () =>
      (await new Docker({ socketPath: socket, timeout: 10_000 }).version()) as unknown as Version,
    catch: (cause) => unreachable(socket, cause as NodeJS.ErrnoException),
  }).pipe(
    Effect.filterOrFail(
      ({ ApiVersion }) => isNewEnough(ApiVersion),
      ({ Version }) =>
        new CannotStart({
          what: "Docker Engine",
          why: `${Version} at ${socket} is too old; SkyPanel needs ${OLDEST_NAME} or newer`,
          remedy: "upgrade it, or stop it: a private one is started when none answers",
        }),
    ),
    Effect.map(({ Version }) => Version),
  )

/**
 * The engine at `socket`. Without one: the engine at Docker's usual place when it answers, else a private one
 * with its files in `directory`, which stops with the scope.
 */
export const useEngine: (options: {
  readonly socket: string
  readonly directory: string
  /** Where the agent mounts volumes: a private engine sees them there. */
  readonly volumes: string
}) => Effect.Effect<Engine, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.fnUntraced(function* ({ socket, directory, volumes }) {
    const found = yield* findEngine(socket)
    if (found) {
      yield* ensureSwarm(new Docker({ socketPath: found.socket }), { address: "127.0.0.1" })
      return found
    }
    if (process.getuid?.() !== 0)
      return yield* new CannotStart({
        what: "Docker Engine",
        why: "none answers, and only root can start one",
        remedy: "start Docker Engine, or run `npm run dev:all` as root",
      })
    yield* shareFolder(volumes)
    const engine = yield* startPrivateEngine({ directory, addressPools: DEVELOPMENT_POOLS })
    yield* ensureSwarm(engine.docker, { address: "127.0.0.1" })
    return { socket: engine.socket, version: yield* versionOf(engine.socket), program: engine.program }
  })

const findEngine = Effect.fnUntraced(function* (socket: string) {
  if (socket !== "") return { socket, version: yield* versionOf(socket) }
  if (!existsSync(USUAL_SOCKET)) return undefined
  return yield* versionOf(USUAL_SOCKET).pipe(
    Effect.map((version) => ({ socket: USUAL_SOCKET, version })),
    // A socket that nobody listens on is what a stopped engine leaves; a refusal is told, not worked around.
    Effect.catchIf(
      ({ why }) => why.startsWith("no engine answers"),
      () => Effect.succeed(undefined),
    ),
  )
})

/** Where the private engine of a data folder lives. */
export const engineDirectory = (data: string): string => join(data, "engine")
