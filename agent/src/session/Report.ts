import { execFile } from "node:child_process"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Hello, Observed, WorkerProblem } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, Layer, Stream } from "effect"
import { Builder } from "../builder/Builder.ts"
import { AgentConfig } from "../config.ts"
import { diskOf } from "../Disk.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { Edge } from "../edge/Edge.ts"
import { Firewall } from "../firewall/Firewall.ts"
import { CommonImages } from "../images/CommonImages.ts"
import { ImageRemoval } from "../images/ImageRemoval.ts"
import { capacity, makeHealth, spaceProblem } from "../observer/Health.ts"
import { Observer } from "../observer/Observer.ts"
import { served } from "../observer/observation.ts"
import { Peers } from "../peers/Peers.ts"
import { Membership } from "../swarm/Membership.ts"
import { addressesOf, ownAddressTowards } from "../swarm/ownAddress.ts"
import { agentVersion } from "../upgrade/agentVersion.ts"
import { Volumes } from "../volumes/Volumes.ts"

/** What this worker is and how it is now: the agent's full state, in its two messages. */
export class Report extends Context.Service<
  Report,
  {
    readonly hello: Effect.Effect<Hello>
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
  const settings = yield* AgentConfig
  const { dataFolder, limits, roles } = settings
  const membership = yield* Membership
  const builder = yield* Builder
  const observer = yield* Observer
  const edge = yield* Edge
  const firewall = yield* Firewall
  const peers = yield* Peers
  const volumes = yield* Volumes
  const common = yield* CommonImages
  const removal = yield* ImageRemoval
  const desired = yield* DesiredState
  const health = makeHealth(dataFolder)
  const [nix, haproxy] = yield* Effect.all([versionOf("nix", "--version"), versionOf("haproxy", "-v")], {
    concurrency: 2,
  })
  const hasProxy = roles.includes("services") || roles.includes("ingress")

  const endpointAddress = Effect.gen(function* () {
    if (!hasProxy) return null
    if (settings.endpointAddress !== null) return settings.endpointAddress
    const own = yield* ownAddressTowards(settings.controlPlane.hostname)
    return own === null ? null : `${own.includes(":") ? `[${own}]` : own}:${settings.endpointPort}`
  })

  const problem = (part: WorkerProblem["part"], text: string | null): ReadonlyArray<WorkerProblem> =>
    text === null ? [] : [{ part, text: text.slice(0, 500) }]

  const problems = Effect.gen(function* () {
    const { problem: engine } = membership.member()
    const imagesDisk = removal.disk()
    const space =
      spaceProblem(yield* diskOf(dataFolder)) ?? (imagesDisk === null ? null : spaceProblem(imagesDisk))
    return [
      ...problem("engine", roles.includes("services") ? engine : null),
      ...problem("firewall", firewall.problem()),
      ...problem("proxy", edge.problem()),
      ...problem("disk", space),
      ...problem("volume", volumes.problem()),
    ]
  })

  return {
    hello: Effect.gen(function* () {
      const { version, nodeId, clusterId } = membership.member()
      return {
        _tag: "hello" as const,
        roles,
        versions: { agent: agentVersion(), runtime: runtime(), docker: version, nix, haproxy },
        origin: settings.origin,
        capacity: yield* capacity(dataFolder),
        limits,
        packageSet: yield* builder.packageSet,
        buildSlots: builder.slots,
        checkSlots: builder.checkSlots,
        takesOverrides: true,
        gitParts: yield* builder.gitParts,
        orchestratorNodeId: nodeId,
        clusterId,
        endpointAddress: yield* endpointAddress,
        addresses: addressesOf(networkInterfaces()),
        volumeFolder: join(dataFolder, "volumes"),
      }
    }),
    observed: Effect.gen(function* () {
      const { generation, error } = edge.observed()
      const images = removal.observed()
      return {
        _tag: "observed" as const,
        // A generation that only the disk remembers is not yet the platform's word to us.
        generation: desired.isFresh() ? generation : 0,
        at: new Date().toISOString(),
        health: yield* health,
        builds: yield* builder.observed,
        containers: served(observer.containers(), edge.knows),
        edgeError: error,
        problems: yield* problems,
        unreachablePeers: peers.unreachable(),
        volumes: volumes.ready(),
        volumeOwners: volumes.owners(),
        commonImages: common.present(),
        ...(images !== null && { images }),
      }
    }),
    changes: Stream.mergeAll(
      [observer, edge, builder, firewall, peers, volumes, common, removal].map(({ changes }) => changes),
      { concurrency: "unbounded" },
    ),
  }
})
