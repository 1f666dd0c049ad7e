import type { PlacementId } from "@skypanel/contract/Id"
import { Effect, Layer, Ref } from "effect"
import { Cluster, type ClusterNode } from "./Cluster.ts"
import { Orchestrator, type Workload } from "./Orchestrator.ts"

/** Places workloads in a map, for tests of what uses the orchestrator. Nothing runs. */
export const layerMemory = Layer.effect(
  Orchestrator,
  Effect.gen(function* () {
    const placed = yield* Ref.make<ReadonlyMap<PlacementId, Workload>>(new Map())
    return Orchestrator.of({
      run: (workload) =>
        Ref.update(placed, (map) =>
          map.has(workload.placementId) ? map : new Map(map).set(workload.placementId, workload),
        ),
      progress: (id) =>
        Effect.map(Ref.get(placed), (map) =>
          map.has(id) ? { state: "started" as const, reason: "" } : { state: "absent" as const, reason: "" },
        ),
      remove: (id) =>
        Ref.update(placed, (map) => {
          const rest = new Map(map)
          rest.delete(id)
          return rest
        }),
      list: Effect.map(Ref.get(placed), (map) => Array.from(map.values())),
      find: (ids) => Effect.map(Ref.get(placed), (map) => ids.flatMap((id) => map.get(id) ?? [])),
      keepNetworks: () => Effect.void,
    })
  }),
)

/** A cluster that has these nodes from the beginning. */
export const layerMemoryCluster = (nodeIds: ReadonlyArray<string>) =>
  Layer.effect(
    Cluster,
    Effect.gen(function* () {
      const nodes = yield* Ref.make<ReadonlyArray<ClusterNode>>(
        nodeIds.map((id) => ({ id, ready: true, availability: "drain", isManager: false })),
      )
      return Cluster.of({
        ensure: Effect.succeed("memory"),
        joinOrder: Effect.succeed({ clusterId: "memory", managers: ["192.0.2.1:2377"], token: "a token" }),
        rotateToken: Effect.void,
        nodes: Ref.get(nodes),
        setAvailability: (nodeId, availability) =>
          Ref.update(nodes, (all) =>
            all.map((node) => (node.id === nodeId ? { ...node, availability } : node)),
          ),
        remove: (nodeId) => Ref.update(nodes, (all) => all.filter(({ id }) => id !== nodeId)),
      })
    }),
  )
