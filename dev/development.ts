import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Deferred, Effect, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import pg from "pg"
import { CannotStart } from "./CannotStart.ts"
import { type Child, keepRunning } from "./child.ts"
import { type Engine, engineDirectory, useEngine } from "./engine.ts"
import { agentEnvironment, checkout, type Environment, platformEnvironment } from "./environments.ts"
import { ensurePortFree } from "./ports.ts"
import { ensureDatabase, startPostgres } from "./postgres.ts"
import { type RunningProgram, run } from "./program.ts"
import { endRun } from "./run-leftovers.ts"
import { ensureSpace, lockData } from "./run-lock.ts"
import { say } from "./say.ts"
import type { Settings } from "./settings.ts"

/** The programs that a development run consists of, each as the arguments of Node 24. */
export interface Parts {
  readonly platform: ReadonlyArray<string>
  /** Prints a fresh token of the worker named by its argument. */
  readonly registerWorker: ReadonlyArray<string>
  readonly agent: ReadonlyArray<string>
}

export const parts: Parts = {
  platform: [join(checkout, "platform/src/main.ts")],
  registerWorker: [join(checkout, "platform/src/register-development-worker.ts")],
  agent: [join(checkout, "agent/src/main.ts")],
}

/** What a check says when it fails, for the person who waits. */
const check = (ask: () => Promise<void>) =>
  Effect.tryPromise({ try: ask, catch: (cause) => (cause as Error).message })

const answersReady = (port: number) =>
  check(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5000) })
    await response.body?.cancel()
    if (response.status !== 200) throw new Error(`/readyz answers ${response.status}`)
  })

/** Also one that an administrator has drained: that is as it shall be. */
const usable = ["active", "degraded", "draining", "drained"]

const isUsable = (databaseUrl: string, worker: string) =>
  check(async () => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 })
    await client.connect()
    try {
      const { rows } = await client.query("select state, state_reason from worker where name = $1", [worker])
      const { state = "not registered", state_reason = "" } = rows[0] ?? {}
      if (!usable.includes(state)) throw new Error(`the worker is ${state}. ${state_reason}`.trim())
    } finally {
      await client.end()
    }
  })

const node = (settings: Settings, name: string, args: ReadonlyArray<string>, env: Environment) => ({
  name,
  command: process.execPath,
  args: ["--disable-warning=ExperimentalWarning", ...args],
  env,
  cwd: checkout,
  log: join(settings.data, "log", `${name}.log`),
  stopSignal: "SIGTERM" as const,
  stopWithin: 20_000,
})

/** A dead database or engine cannot be replaced under the feet of what uses it: everything stops, and says why. */
const watch = (what: string, program: RunningProgram, failed: Deferred.Deferred<never, CannotStart>) =>
  program.ended.pipe(
    Effect.flatMap((code) =>
      Deferred.fail(
        failed,
        new CannotStart({ what, why: `ended with exit code ${code}`, log: program.tail() }),
      ),
    ),
    Effect.forkScoped,
  )

const database = Effect.fnUntraced(function* (
  settings: Settings,
  failed: Deferred.Deferred<never, CannotStart>,
) {
  if (settings.databaseUrl !== "") return settings.databaseUrl
  const directory = join(settings.data, "postgres")
  const server = yield* startPostgres({ directory, durable: true })
  yield* watch("PostgreSQL", server.program, failed)
  yield* ensureDatabase(server, "skypanel")
  return server.urlOf("skypanel")
})

/** What the command line finds a running development platform by. */
const announce = (settings: Settings) => {
  const file = join(settings.data, "run", "cli.json")
  const content = { url: `http://127.0.0.1:${settings.port}`, email: settings.adminEmail, pid: process.pid }
  return Effect.acquireRelease(
    Effect.sync(() => {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `${JSON.stringify(content)}\n`, { mode: 0o600 })
    }),
    () => Effect.sync(() => rmSync(file, { force: true })),
  )
}

const describe = (engine: Engine) =>
  `Docker Engine ${engine.version} (${engine.program ? "private" : engine.socket})`

/**
 * Starts everything, in order, and returns when it can be used; `failed` fails when some of it stops for good.
 * Closing the scope stops everything in the opposite order and leaves nothing behind.
 */
export const startDevelopment: (
  settings: Settings,
  parts: Parts,
) => Effect.Effect<
  Deferred.Deferred<never, CannotStart>,
  CannotStart,
  Scope.Scope | ChildProcessSpawner.ChildProcessSpawner
> = Effect.fnUntraced(function* (settings: Settings, parts: Parts) {
  const failed = yield* Deferred.make<never, CannotStart>()
  yield* ensureSpace(settings.data)
  yield* lockData(settings.data)
  yield* endRun(settings.data)
  yield* Effect.addFinalizer(() => endRun(settings.data))
  yield* ensurePortFree(settings.port, "SKYPANEL_PORT", "127.0.0.1")
  yield* ensurePortFree(settings.endpointPort, "SKYPANEL_ENDPOINT_PORT")
  const databaseUrl = yield* database(settings, failed)
  say(`PostgreSQL (${settings.databaseUrl === "" ? "embedded" : "DATABASE_URL"})`)
  const engine = yield* useEngine({
    socket: settings.dockerSocket,
    directory: engineDirectory(settings.data),
    volumes: join(settings.data, "agent", "volumes"),
  })
  if (engine.program) yield* watch("Docker Engine", engine.program, failed)
  say(describe(engine))
  const npmRegistry = (yield* run("npm", ["config", "get", "registry"])).trim()
  const environment = platformEnvironment(settings, databaseUrl, engine.socket, npmRegistry)
  const platform: Child = {
    program: node(settings, "platform", parts.platform, environment),
    isReady: answersReady(settings.port),
    readyWithin: 120_000,
  }
  yield* keepRunning(platform, failed)
  say("platform")
  const registration = yield* run(process.execPath, [...parts.registerWorker, settings.workerName], {
    env: environment,
  })
  const tokenFile = join(settings.data, "run", "worker-token")
  mkdirSync(dirname(tokenFile), { recursive: true })
  writeFileSync(tokenFile, registration.trim().split("\n").at(-1) ?? "", { mode: 0o600 })
  const agent = agentEnvironment(settings, { dockerSocket: engine.socket, tokenFile, npmRegistry })
  yield* keepRunning(
    {
      program: node(settings, "agent", parts.agent, agent),
      isReady: isUsable(databaseUrl, settings.workerName),
      readyWithin: 120_000,
    },
    failed,
  )
  say(`worker "${settings.workerName}"`)
  yield* announce(settings)
  return failed
})
