import { NodeCrypto } from "@effect/platform-node"
import { Layer } from "effect"
import { ClusterWorkflowEngine, SingleRunner } from "effect/cluster"

/**
 * The durable workflow engine on our PostgreSQL. One runner at a time holds the locks; a second process with the
 * same database waits as a standby. Its tables are its own.
 */
export const layerWorkflowEngine = ClusterWorkflowEngine.layer.pipe(
  Layer.provideMerge(
    SingleRunner.layer({
      shardingConfig: {
        shardsPerGroup: 16,
        entityMessagePollInterval: "500 millis",
        shardLockRefreshInterval: "1 second",
        shardLockExpiration: "5 seconds",
        refreshAssignmentsInterval: "500 millis",
        entityTerminationTimeout: "1 second",
      },
    }),
  ),
  Layer.provide(NodeCrypto.layerDigest),
)
