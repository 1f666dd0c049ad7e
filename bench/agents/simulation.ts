import { type ChildProcess, fork } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import { freePort } from "../../dev/ports.ts"
import { ensureDatabase, startPostgres } from "../../dev/postgres.ts"
import { startPlatform } from "../../test/lab/startPlatform.ts"
import { insertFleet } from "./fleetRows.ts"
import type { Report } from "./simulatedAgents.ts"

type Answer = Report | Readonly<Record<string, number>> | string

const next = (child: ChildProcess) =>
  new Promise<Answer>((resolve, reject) => {
    child.once("message", (answer) => resolve(answer as Answer))
    child.once("exit", (code) => reject(new Error(`a simulation ended with code ${code}`)))
  })

const start = (file: string, ...args: ReadonlyArray<string>) =>
  fork(join(import.meta.dirname, file), [...args], { stdio: ["ignore", 2, 2, "ipc"] })

const ask = async <A extends Answer>(child: ChildProcess): Promise<A> => {
  const answer = next(child)
  child.send("report")
  return (await answer) as A
}

export interface Simulation {
  readonly databaseUrl: string
  readonly platformPid: () => number
  readonly postgresPid: number
  /** Milliseconds from the platform's first answer until the last agent was let in. */
  readonly bringIn: () => Promise<number>
  /** What the agents saw since they were asked before. */
  readonly agents: () => Promise<Report>
  /** What the platform asked the orchestrator since the start, by request. */
  readonly engine: () => Promise<Readonly<Record<string, number>>>
  readonly log: () => string
  readonly stop: () => Promise<void>
}

/** A real platform on a real database, with a fleet that is simulated by processes of their own. */
export const simulate = async (agents: number, ingress: number): Promise<Simulation> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-agents-"))
  const scope = Effect.runSync(Scope.make())
  const inScope = <A, E>(effect: Effect.Effect<A, E, Scope.Scope | NodeServices.NodeServices>) =>
    Effect.runPromise(Scope.provide(effect, scope).pipe(Effect.provide(NodeServices.layer)))
  const closers: Array<() => Promise<unknown> | unknown> = [
    () => rmSync(folder, { recursive: true, force: true }),
    () => Effect.runPromise(Scope.close(scope, Exit.void)),
  ]
  const stop = async () => {
    for (const close of closers.toReversed()) await close()
  }
  try {
    const postgres = await inScope(startPostgres({ directory: join(folder, "postgres"), durable: true }))
    await inScope(ensureDatabase(postgres, "platform"))
    const databaseUrl = postgres.urlOf("platform")
    const socket = join(folder, "engine.sock")
    const engine = start("simulatedEngine.ts", socket, String(agents))
    closers.push(() => engine.kill())
    await next(engine)
    const { url, program, isUp } = await startPlatform({
      folder,
      databaseUrl,
      hostAddress: "127.0.0.1",
      manager: { socket, address: "127.0.0.1" },
      endpointPort: 8000,
      more: { SKYPANEL_DEVELOPMENT: "false" },
    })
    closers.push(() => program.end("SIGTERM"))
    // It has made its tables: now it is a platform that was stopped for a moment.
    await program.end("SIGTERM")
    const proxyPort = await Effect.runPromise(freePort)
    await insertFleet(databaseUrl, { agents, ingress, endpointAddress: `127.0.0.1:${proxyPort}` })
    program.start()
    await isUp()
    let fleet: ChildProcess | undefined
    closers.push(() => fleet?.kill())
    return {
      databaseUrl,
      platformPid: () => program.pid ?? 0,
      postgresPid: postgres.program.pid,
      bringIn: async () => {
        const begun = performance.now()
        const to = `${url.replace("http", "ws")}/agent`
        fleet = start("simulatedAgents.ts", to, String(agents), String(ingress), String(proxyPort))
        await next(fleet)
        return performance.now() - begun
      },
      agents: () => ask<Report>(fleet!),
      engine: () => ask<Readonly<Record<string, number>>>(engine),
      log: () => program.tail(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
