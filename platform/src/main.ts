import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { ArtifactConfig, bucketAt } from "./artifacts/ArtifactConfig.ts"
import { runCollections } from "./artifacts/collection/Collector.ts"
import { layerArtifacts } from "./artifacts/layer.ts"
import { Auth } from "./auth/Auth.ts"
import { ensureAdministrator, issueLocalToken } from "./auth/administrator.ts"
import { runChecks } from "./checks/checks.ts"
import { PlatformConfig } from "./config.ts"
import { runPolling } from "./connections/polling.ts"
import { runBuildQueue } from "./deploy/buildQueue.ts"
import { layerDeploy } from "./deploy/Deploy.ts"
import { layerWorkflowEngine } from "./deploy/engine.ts"
import { runReconciler } from "./deploy/Reconciler.ts"
import { runReturns } from "./deploy/returns.ts"
import { runStacks } from "./deploy/stacks/run.ts"
import { runSweep } from "./deploy/sweep.ts"
import { layerFleet, runFleet } from "./fleet/layer.ts"
import { layerUploadAuthority } from "./fleet/uploadAuthority.ts"
import { FolderStore } from "./folders/FolderStore.ts"
import { Repositories } from "./gitRemotes/Repositories.ts"
import { serve } from "./http/Server.ts"
import { Installer } from "./install/Installer.ts"
import { Mail } from "./mail/Mail.ts"
import { Notifications } from "./notify/Notifications.ts"
import { runOutbox } from "./notify/outbox.ts"
import { runPruning } from "./notify/prune.ts"
import { layerSwarm } from "./orchestrator/Swarm.ts"
import { layerSwarmCluster } from "./orchestrator/SwarmCluster.ts"
import { Sealing } from "./sealing/Sealing.ts"
import { Changes } from "./store/Changes.ts"
import { Database } from "./store/Database.ts"
import { Migrations } from "./store/Migrations.ts"
import { StackTemplates } from "./templates/StackTemplates.ts"
import { Templates } from "./templates/Templates.ts"

/** In development the command line on this machine signs in by a file that only its owner reads. */
const writeLocalToken = (userId: string) =>
  Effect.gen(function* () {
    const { dataFolder, development } = yield* PlatformConfig
    if (!development) return
    const token = yield* issueLocalToken(userId)
    const folder = join(dataFolder, "run")
    yield* Effect.promise(async () => {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, "token"), token, { mode: 0o600 })
    })
  })

const prepare = Effect.gen(function* () {
  const administrator = yield* ensureAdministrator
  yield* writeLocalToken(administrator.id)
})

const Store = Migrations.pipe(
  Layer.provideMerge(Database),
  Layer.provideMerge(NodeServices.layer),
  Layer.provideMerge(PlatformConfig.layer),
)

const Artifacts = Layer.mergeAll(
  layerArtifacts,
  layerUploadAuthority,
  FolderStore.layer,
  Repositories.layer,
).pipe(
  Layer.provideMerge(
    Layer.unwrap(
      Effect.gen(function* () {
        const { dataFolder, secret, bucketUrl, upstreamCaches, layerCompressions, keptLayerBytes } =
          yield* PlatformConfig
        return ArtifactConfig.layer({
          dataFolder,
          secret,
          bucket: yield* bucketAt(bucketUrl),
          upstreams: upstreamCaches,
          ...(layerCompressions !== null && { compressions: layerCompressions }),
          ...(keptLayerBytes !== null && { keptLayerBytes }),
        })
      }),
    ),
  ),
)

const layerInstaller = Layer.unwrap(
  Effect.map(PlatformConfig, ({ dataFolder, ui }) =>
    Installer.layer({ dataFolder, agent: ui === "built" ? "built" : "sources" }),
  ),
)

const Adapters = Layer.mergeAll(
  Auth.layer,
  Templates.layer,
  StackTemplates.layer,
  layerSwarm,
  layerSwarmCluster,
  layerInstaller,
  Artifacts,
  Changes.layer,
  Sealing.layer,
  Mail.layer,
).pipe(Layer.provideMerge(Store))

const Services = layerDeploy.pipe(
  Layer.provideMerge(layerFleet),
  Layer.provideMerge(Notifications.layer),
  Layer.provideMerge(layerWorkflowEngine),
  Layer.provideMerge(Adapters),
)

const Platform = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* prepare
    yield* serve
    yield* runFleet
    yield* Effect.forkScoped(runOutbox)
    yield* Effect.forkScoped(runPruning)
    yield* Effect.forkScoped(runSweep)
    yield* Effect.forkScoped(runReconciler)
    yield* Effect.forkScoped(runPolling)
    yield* Effect.forkScoped(runChecks)
    yield* Effect.forkScoped(runBuildQueue)
    yield* Effect.forkScoped(runCollections)
    yield* Effect.forkScoped(runReturns)
    yield* Effect.forkScoped(runStacks)
  }),
).pipe(Layer.provide(Services))

NodeRuntime.runMain(Layer.launch(Platform))
