import type { Desired, DesiredPlacement } from "@skypanel/contract/AgentProtocol"
import type { WorkerKeyId } from "@skypanel/contract/Id"
import { Effect, Layer, Logger, ManagedRuntime, Stream } from "effect"
import { makeChanges } from "../src/Changes.ts"
import { AgentConfig } from "../src/config.ts"
import { DesiredState, nothing } from "../src/desired/DesiredState.ts"
import { Edge } from "../src/edge/Edge.ts"
import { identityFiles } from "../src/identity/IdentityFile.ts"
import { makeKeyPair } from "../src/identity/KeyPair.ts"
import { Observer } from "../src/observer/Observer.ts"
import type { Backend } from "../src/observer/observation.ts"
import { PeerSecret } from "../src/peers/PeerSecret.ts"
import { Peers } from "../src/peers/Peers.ts"
import { PlatformContact } from "../src/session/PlatformContact.ts"
import { containerFor, deploymentId, placementId, serviceId, settings, workerId } from "./edge.ts"

/** Where a host leads: ports of this machine with its instances here, and the workers of those elsewhere. */
export type Destination =
  | number
  | "stopped"
  | "waiting"
  | { readonly here?: ReadonlyArray<number>; readonly peers?: ReadonlyArray<number> }

const partsOf = (to: Destination) => {
  if (typeof to === "number") return { here: [to], peers: [] }
  return typeof to === "string" ? { here: [], peers: [] } : { here: to.here ?? [], peers: to.peers ?? [] }
}

const backendsOf = (destinations: ReadonlyArray<Destination>): ReadonlyArray<Backend> =>
  destinations.flatMap((to, n) =>
    partsOf(to).here.map((port) => ({
      deploymentId: deploymentId(n),
      placementId: placementId(port),
      address: "127.0.0.1",
      port,
      startedAt: "2026-01-01",
    })),
  )

const routesOf = (hosts: Readonly<Record<string, Destination>>): Desired["routes"] =>
  Object.entries(hosts).map(([host, to], n) => ({
    host,
    serviceId: serviceId(n),
    deploymentId: to === "stopped" ? null : deploymentId(n),
    peers: partsOf(to).peers.map(workerId),
  }))

/** Other workers, by their number, and where their proxies answer: a port of this machine, or `host:port`. */
export type PeerAddresses = Readonly<Record<number, number | string>>

const peersOf = (addresses: PeerAddresses): Desired["peers"] =>
  Object.entries(addresses).map(([n, at]) => ({
    workerId: workerId(Number(n)),
    address: typeof at === "number" ? `127.0.0.1:${at}` : at,
  }))

export interface EdgeOptions {
  /** This worker's number. */
  readonly worker?: number
  readonly roles?: ReadonlyArray<"services" | "ingress">
  readonly development?: boolean
  /** The observer knows its containers. */
  readonly isSettled?: () => boolean
}

/** Keeps the identity that an agent in this folder would have. */
const identify = (dataFolder: string, n: number) =>
  identityFiles(dataFolder).keep({
    ...makeKeyPair(),
    workerId: workerId(n),
    keyId: `key_${"0".repeat(24)}` as WorkerKeyId,
    name: `worker-${n}`,
    platformKey: makeKeyPair().publicKey,
    tokenHash: "",
  })

/** A real edge over a real HAProxy; what is desired and healthy is the test's to say, and whether the platform is heard. */
export const startEdge = async (
  dataFolder: string,
  endpointPort: number,
  { worker = 0, roles = ["services"], development = true, isSettled = () => true }: EdgeOptions = {},
) => {
  await Effect.runPromise(identify(dataFolder, worker))
  const changes = await Effect.runPromise(makeChanges)
  let desired: Desired = nothing
  let backends: ReadonlyArray<Backend> = []
  /** They run on although they shall not serve any more. */
  let leaving: ReadonlyArray<Backend> = []
  let lost = false
  const given = Layer.mergeAll(
    Layer.succeed(AgentConfig, settings({ dataFolder, endpointPort, development, roles })),
    Layer.succeed(DesiredState, {
      current: () => desired,
      isFresh: () => true,
      accept: () => Effect.void,
      changes: changes.stream,
    }),
    Layer.succeed(Observer, {
      containers: () => [],
      all: () => [...backends, ...leaving].map(containerFor),
      backends: () => backends,
      isSettled,
      changes: changes.stream,
    }),
    Layer.succeed(PlatformContact, {
      heardUs: () => undefined,
      silentMs: () => (lost ? 60_000 : 0),
      isLost: () => lost,
      setConnected: () => Effect.void,
      isConnected: () => !lost,
      changes: Stream.never,
    }),
    Logger.layer([]),
  )
  const runtime = ManagedRuntime.make(
    Edge.layer.pipe(
      Layer.provideMerge(Peers.layer),
      Layer.provideMerge(PeerSecret.layer),
      Layer.provide(given),
    ),
  )
  const edge = await runtime.runPromise(Edge)
  const peers = await runtime.runPromise(Peers)
  const applied = async (generation: number) => {
    const deadline = performance.now() + 10_000
    while (edge.observed().generation < generation) {
      if (performance.now() > deadline) throw new Error(`not carried out: ${JSON.stringify(edge.observed())}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const desire = async (change: Partial<Desired>) => {
    desired = { ...desired, ...change, generation: desired.generation + 1 }
    changes.tellUnsafe()
    await applied(desired.generation)
  }
  return {
    port: endpointPort,
    observed: () => edge.observed(),
    knows: edge.knows,
    unreachable: () => peers.unreachable(),
    sayLost: () => peers.sayLost(),
    stop: () => runtime.dispose(),
    /** Leads each host somewhere, and waits until it does. */
    route: (hosts: Readonly<Record<string, Destination>>) => {
      backends = backendsOf(Object.values(hosts))
      leaving = []
      return desire({ routes: routesOf(hosts) })
    },
    /** The same, while the containers that it led to until now run on. */
    moveAway: (hosts: Readonly<Record<string, Destination>>) => {
      leaving = [...leaving, ...backends]
      backends = backendsOf(Object.values(hosts))
      return desire({ routes: routesOf(hosts) })
    },
    /** Tells it of the other workers, and by what they know each other. */
    meet: (addresses: PeerAddresses, peerSecret: string) => desire({ peers: peersOf(addresses), peerSecret }),
    /** Without waiting: what it is told may be held back. */
    tell: changes.tellUnsafe,
    place: (placements: ReadonlyArray<DesiredPlacement>) => desire({ placements }),
    losePlatform: (now: boolean) => {
      lost = now
    },
  }
}

export type TestEdge = Awaited<ReturnType<typeof startEdge>>
