import type { PlacementId } from "@skypanel/contract/Id"
import { Effect, Layer, Ref } from "effect"
import { Orchestrator, type Workload } from "./Orchestrator.ts"

/** Places workloads in a map, for tests of what uses the orchestrator. Nothing runs. */
export const layerMemory = Layer.effect(
  Orchestrator,
  Effect.gen(function* () {
    const placed = yield* Ref.make<ReadonlyMap<PlacementId, Workload>>(new Map())
    return Orchestrator.of({
      run: (workload) => Ref.update(placed, (map) => new Map(map).set(workload.placementId, workload)),
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
      keepNetworks: () => Effect.void,
    })
  }),
)
