import { chmodSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import pg from "pg"
import { CannotStart } from "./CannotStart.ts"
import { freePort } from "./ports.ts"
import {
  type ClusterOptions,
  endLeftovers,
  makeCluster,
  OWNER,
  programs,
  reachOf,
} from "./postgres-cluster.ts"
import { launch, type RunningProgram } from "./program.ts"

export interface Postgres {
  readonly port: number
  /** The connection URL of a database of this server; the user owns everything. */
  readonly urlOf: (database: string) => string
  readonly program: RunningProgram
}

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
  options: ClusterOptions,
) => Effect.Effect<Postgres, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.fnUntraced(function* (options: ClusterOptions) {
    const native = yield* programs
    const data = join(options.directory, "data")
    yield* endLeftovers(data)
    const password = yield* makeCluster(native, options)
    chmodSync(data, 0o700)
    const port = yield* freePort
    const { bin, cluster, ...how } = reachOf(native, options.directory)
    const program = yield* launch({
      name: "PostgreSQL",
      command: join(bin, "postgres"),
      args: ["-D", join(cluster, "data"), ...settings(port, options.durable)],
      log: join(options.directory, "postgres.log"),
      stopSignal: "SIGINT", // its "fast" shutdown: ends sessions, loses nothing
      stopWithin: 20_000,
      ...how,
    })
    const urlOf = (database: string) => `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`
    yield* untilReady(program, urlOf("postgres"))
    return { port, urlOf, program }
  })

type Server = Pick<Postgres, "urlOf">

/** Does something as the owner of all databases; `what` it concerns is for the failure's words. */
const asOwner = <A>(server: Server, what: string, doing: (client: pg.Client) => Promise<A>) =>
  Effect.tryPromise({
    try: async () => {
      const client = new pg.Client({ connectionString: server.urlOf("postgres") })
      await client.connect()
      try {
        return await doing(client)
      } finally {
        await client.end()
      }
    },
    catch: (cause) => new CannotStart({ what, why: (cause as Error).message }),
  })

/** Makes a database, as a copy of `template` when one is named; does nothing when it exists. */
export const ensureDatabase = (server: Server, name: string, template = "template1") =>
  asOwner(server, `database ${name}`, async (client) => {
    const known = await client.query("select 1 from pg_database where datname = $1", [name])
    if (known.rowCount) return
    const [made, from] = [name, template].map((part) => client.escapeIdentifier(part))
    await client.query(`create database ${made} template ${from}`)
  })

/** Whoever is connected to them is thrown out. */
export const dropDatabases = (server: Server, names: ReadonlyArray<string>) =>
  asOwner(server, `databases ${names.join(", ")}`, async (client) => {
    for (const name of names)
      await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
  })
