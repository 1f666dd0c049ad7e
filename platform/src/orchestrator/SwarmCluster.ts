import Docker from "dockerode"
import { Effect, Layer } from "effect"
import { PlatformConfig } from "../config.ts"
import { Cluster, type ClusterNode, type JoinOrder } from "./Cluster.ts"
import { call, tolerating } from "./call.ts"
import { OrchestratorError } from "./Orchestrator.ts"

/** Swarm counts in nanoseconds. */
const day = 24 * 60 * 60 * 1e9

/**
 * Swarm takes a node for dead after three of its heartbeats and restarts all of its tasks when it is back: with the
 * 5 s that it comes with, a manager that was cut off for 25 s restarts every container. Which worker is lost, and what
 * is done about it, is decided by us; so Swarm's own opinion comes after three days.
 */
const dispatcher = { HeartbeatPeriod: day }
const orchestration = { TaskHistoryRetentionLimit: 1 }

interface Info {
  readonly Swarm?: {
    readonly LocalNodeState?: string
    readonly ControlAvailable?: boolean
    readonly Error?: string
  }
}

interface Spec {
  readonly Dispatcher?: { readonly HeartbeatPeriod?: number }
  readonly Orchestration?: { readonly TaskHistoryRetentionLimit?: number }
}

interface Swarm {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly Spec: Spec
  readonly JoinTokens: { readonly Worker: string }
}

interface Node {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly Spec: { readonly Availability: ClusterNode["availability"]; readonly Role: "manager" | "worker" }
  readonly Status: { readonly State: string }
  readonly ManagerStatus?: { readonly Addr?: string }
}

const isAsWanted = ({ Dispatcher, Orchestration }: Spec) =>
  Dispatcher?.HeartbeatPeriod === dispatcher.HeartbeatPeriod &&
  Orchestration?.TaskHistoryRetentionLimit === orchestration.TaskHistoryRetentionLimit

const refuse = (reason: string) =>
  Effect.fail(new OrchestratorError({ operation: "make the cluster", reason }))

const make = Effect.gen(function* () {
  const { dockerSocket, swarmAddress } = yield* PlatformConfig
  const docker = new Docker({ socketPath: dockerSocket })
  const inspect = call("inspect swarm", () => docker.swarmInspect() as Promise<Swarm>)

  const update = (swarm: Swarm, query: object = {}) =>
    call("update swarm", () =>
      docker.swarmUpdate({
        version: swarm.Version.Index,
        ...query,
        ...swarm.Spec,
        Dispatcher: { ...swarm.Spec.Dispatcher, ...dispatcher },
        Orchestration: { ...swarm.Spec.Orchestration, ...orchestration },
      }),
    )

  const initialise = call("make swarm", () =>
    docker.swarmInit({
      ListenAddr: `${swarmAddress}:2377`,
      AdvertiseAddr: swarmAddress,
      DataPathAddr: swarmAddress,
      DefaultAddrPool: ["10.64.0.0/10"],
      SubnetSize: 24,
      Spec: { Dispatcher: dispatcher, Orchestration: orchestration },
    }),
  ).pipe(Effect.asVoid)

  const ensure = Effect.gen(function* () {
    const { Swarm: place } = yield* call("info", () => docker.info() as Promise<Info>)
    const state = place?.LocalNodeState ?? "inactive"
    if (state === "inactive") yield* initialise
    else if (state !== "active")
      return yield* refuse(`the engine's swarm is "${state}" ${place?.Error ?? ""}`.trim())
    else if (!place?.ControlAvailable) return yield* refuse("the engine is a worker in someone else's swarm")
    const swarm = yield* inspect
    if (!isAsWanted(swarm.Spec)) yield* update(swarm)
    return swarm.ID
  })

  const list = call("list nodes", () => docker.listNodes() as unknown as Promise<ReadonlyArray<Node>>)

  return Cluster.of({
    ensure,
    joinOrder: Effect.gen(function* () {
      const [swarm, nodes] = yield* Effect.all([inspect, list], { concurrency: 2 })
      return {
        clusterId: swarm.ID,
        managers: nodes.flatMap(({ ManagerStatus }) => (ManagerStatus?.Addr ? [ManagerStatus.Addr] : [])),
        token: swarm.JoinTokens.Worker,
      } satisfies JoinOrder
    }),
    rotateToken: Effect.flatMap(inspect, (swarm) => update(swarm, { rotateWorkerToken: true })).pipe(
      Effect.asVoid,
    ),
    nodes: Effect.map(list, (nodes) =>
      nodes.map(
        (node): ClusterNode => ({
          id: node.ID,
          ready: node.Status.State === "ready",
          availability: node.Spec.Availability,
          isManager: node.Spec.Role === "manager",
        }),
      ),
    ),
    setAvailability: (nodeId, availability) =>
      call("update node", async () => {
        const node = (await docker.getNode(nodeId).inspect()) as Node
        if (node.Spec.Availability === availability) return
        await docker.getNode(nodeId).update({
          version: node.Version.Index,
          ...node.Spec,
          Availability: availability,
        })
      }),
    remove: (nodeId) =>
      call(
        "remove node",
        tolerating(404)(() => docker.getNode(nodeId).remove({ force: true })),
      ),
  })
})

export const layerSwarmCluster = Layer.effect(Cluster, make)
