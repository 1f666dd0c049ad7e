import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { afterAll, beforeAll } from "vitest"
import { ensureDatabase, startPostgres } from "../../dev/postgres.ts"
import { type Lab, type LabWorker, makeLab } from "./lab.ts"
import { makeNetwork } from "./network.ts"
import { makeServer } from "./server.ts"

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
  /** Makes an empty database, or one like the template that `prepare` filled; gives its URL. */
  readonly database: () => Promise<string>
}

let databases = 0

/** A PostgreSQL for tests, as a scoped effect. `prepare` fills the template, once (migrations). */
export const makePostgres = (prepare: (url: string) => Promise<void> = async () => undefined) =>
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "skypanel-postgres-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
    )
    const server = yield* startPostgres({ directory, durable: false })
    yield* ensureDatabase(server, "prepared")
    yield* Effect.promise(() => prepare(server.urlOf("prepared")))
    const database = async () => {
      const name = `test_${++databases}`
      await Effect.runPromise(ensureDatabase(server, name, "prepared"))
      return server.urlOf(name)
    }
    return { database } satisfies TestPostgres
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

/** A PostgreSQL for the tests of a file: `const postgres = usePostgres(migrate)`, then `await postgres().database()`. */
export const usePostgres = (prepare?: (url: string) => Promise<void>) => use(makePostgres(prepare))

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
