import { Effect, Layer } from "effect"
import { AgentSessions } from "./AgentSessions.ts"
import { runAlerts } from "./alerts.ts"
import { runCluster } from "./cluster.ts"
import { runCommonImages } from "./commonImages.ts"
import { Dispatcher } from "./Dispatcher.ts"
import { runDrains } from "./drains.ts"
import { FleetPolicies } from "./FleetPolicies.ts"
import { FleetWatch } from "./FleetWatch.ts"
import { Judge } from "./Judge.ts"
import { Measurements } from "./Measurements.ts"
import { Mover } from "./Mover.ts"
import { PlatformKey } from "./PlatformKey.ts"
import { runPruning } from "./prune.ts"
import { RuntimeLogs } from "./RuntimeLogs.ts"
import { runRemovals } from "./removal.ts"
import { runUpgrades } from "./upgrades.ts"

/** What is known of the workers, and what they are told. */
export const layerFleet = Mover.layer.pipe(
  Layer.provideMerge(Judge.layer),
  Layer.provideMerge(Dispatcher.layer),
  Layer.provideMerge(AgentSessions.layer),
  Layer.provideMerge(Layer.mergeAll(FleetWatch.layer, FleetPolicies.layer, Measurements.layer)),
  Layer.provideMerge(Layer.mergeAll(PlatformKey.layer, RuntimeLogs.layer)),
)

/** What goes on with the workers by itself, for as long as the scope is open. */
export const runFleet = Effect.forEach(
  [runCluster, runRemovals, runDrains, runUpgrades, runAlerts, runPruning, runCommonImages],
  (loop) => Effect.forkScoped(loop),
  { discard: true },
)
