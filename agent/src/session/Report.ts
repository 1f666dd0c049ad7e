import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { Observed, Up } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, Layer, Stream } from "effect"
import manifest from "../../package.json" with { type: "json" }
import { Builder } from "../builder/Builder.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { Edge } from "../edge/Edge.ts"
import { ContainerEngine } from "../observer/ContainerEngine.ts"
import { capacity, makeHealth } from "../observer/Health.ts"
import { Observer } from "../observer/Observer.ts"

/** What this worker is and how it is now: the agent's full state, in its two messages. */
export class Report extends Context.Service<
  Report,
  {
    readonly hello: Effect.Effect<Extract<Up, { _tag: "hello" }>>
    readonly observed: Effect.Effect<Observed>
    readonly changes: Stream.Stream<void>
  }
>()("agent/session/Report") {
  static readonly layer = Layer.effect(
    Report,
    Effect.suspend(() => make),
  )
}

/** The version in the first line that a program prints about itself; null when it is not there. */
const versionOf = (program: string, argument: string): Effect.Effect<string | null> =>
  Effect.promise(() =>
    promisify(execFile)(program, [argument], { timeout: 5_000 }).then(
      ({ stdout }) => /\d+\.\d+[\w.+-]*/.exec(stdout)?.[0] ?? null,
      () => null,
    ),
  )

const runtime = (): string => {
  const { deno, node } = process.versions as { readonly deno?: string; readonly node: string }
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`
}

const make = Effect.gen(function* () {
  const { dataFolder, endpointAddress, roles } = yield* AgentConfig
  const engine = yield* ContainerEngine
  const builder = yield* Builder
  const observer = yield* Observer
  const edge = yield* Edge
  const desired = yield* DesiredState
  const health = makeHealth(dataFolder)
  const [nix, haproxy] = yield* Effect.all([versionOf("nix", "--version"), versionOf("haproxy", "-v")], {
    concurrency: 2,
  })
  const servesRequests = roles.includes("services")

  const identity = engine.identity.pipe(Effect.catch(() => Effect.succeed({ version: null, nodeId: null })))

  return {
    hello: Effect.gen(function* () {
      const { version, nodeId } = yield* identity
      return {
        _tag: "hello" as const,
        roles,
        versions: { agent: manifest.version, runtime: runtime(), docker: version, nix, haproxy },
        capacity: yield* capacity(dataFolder),
        packageSet: yield* builder.packageSet,
        orchestratorNodeId: nodeId,
        endpointAddress: servesRequests ? endpointAddress : null,
      }
    }),
    observed: Effect.gen(function* () {
      const { generation, error } = edge.observed()
      return {
        _tag: "observed" as const,
        // A generation that only the disk remembers is not yet the platform's word to us.
        generation: desired.isFresh() ? generation : 0,
        health: yield* health,
        builds: yield* builder.observed,
        containers: observer.containers(),
        edgeError: error,
      }
    }),
    changes: Stream.mergeAll([observer.changes, edge.changes, builder.changes], { concurrency: 3 }),
  }
})
