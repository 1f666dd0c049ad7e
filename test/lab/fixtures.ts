import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { afterAll, beforeAll } from "vitest"
import { dropDatabases, ensureDatabase } from "../../dev/postgres.ts"
import { type Lab, type LabWorker, makeLab } from "./lab.ts"
import { makeNetwork } from "./network.ts"
import { makeServer } from "./server.ts"
import { ofWholeRun } from "./wholeRun/ofWholeRun.ts"
import type { Shared } from "./wholeRun/setup.ts"

/** Starts something before the tests of this file (or `describe`) and stops it after them. */
const use = <A, E>(
  make: Effect.Effect<A, E, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner>,
  within = 120_000,
) => {
  let scope: Scope.Closeable | undefined
  let made: A | undefined
  beforeAll(async () => {
    scope = Effect.runSync(Scope.make())
    made = await Effect.runPromise(
      make.pipe((effect) => Scope.provide(effect, scope!), Effect.provide(NodeServices.layer)),
    )
  }, within)
  afterAll(() => scope && Effect.runPromise(Scope.close(scope, Exit.void)))
  return (): A => {
    if (made === undefined) throw new Error("only inside a test or a hook")
    return made
  }
}

export interface TestPostgres {
  /** Makes a database with our tables, and nothing in them; gives its URL. */
  readonly database: () => Promise<string>
  /** The same without our tables. */
  readonly emptyDatabase: () => Promise<string>
}

let databases = 0

const serverOf = ({ url }: Shared["postgres"]) => ({
  urlOf: (database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).href,
})

export interface TestEngine extends LabWorker {
  /** This machine's address as the engine and its containers see it: let a test registry listen here. */
  readonly hostAddress: string
}

/** One Docker Engine in Swarm mode, in a network of its own, as a scoped effect. */
export const makeTestEngine = Effect.gen(function* () {
  const lab: Lab = yield* makeLab
  const worker = yield* lab.addWorker
  return { ...worker, hostAddress: lab.address } satisfies TestEngine
})

/**
 * Databases for the tests of a file, in a PostgreSQL that all files share: `const postgres = usePostgres()`, then
 * `await postgres().database()`.
 */
export const usePostgres = (): (() => TestPostgres) => {
  const made: Array<string> = []
  let shared: Shared["postgres"] | undefined
  beforeAll(async () => {
    shared = await ofWholeRun("postgres")
  }, 120_000)
  afterAll(async () => {
    if (shared !== undefined) await Effect.runPromise(dropDatabases(serverOf(shared), made))
  })
  return () => {
    if (shared === undefined) throw new Error("only inside a test or a hook")
    const { template } = shared
    const server = serverOf(shared)
    const make = async (like?: string) => {
      const name = `test_${process.pid}_${++databases}`
      await Effect.runPromise(ensureDatabase(server, name, like))
      made.push(name)
      return server.urlOf(name)
    }
    return { database: () => make(template), emptyDatabase: () => make() }
  }
}

/** A Docker Engine in Swarm mode for the tests of a file: `const engine = useEngine()`, then `engine().socket`. */
export const useEngine = () => use(makeTestEngine)

/** Several workers: `const lab = useLab()`, then `await Effect.runPromise(lab().addWorker …)`. */
export const useLab = () => use(makeLab)

/** A fresh Debian server with systemd for the tests of a file: `const server = useServer()`, then `server().run(…)`. */
export const useServer = () =>
  use(
    Effect.flatMap(makeNetwork, (network) => makeServer(network, 0)),
    900_000, // The first one on a machine makes a Debian.
  )
