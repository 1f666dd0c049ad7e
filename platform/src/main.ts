import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { ArtifactConfig } from "./artifacts/ArtifactConfig.ts"
import { layerArtifacts } from "./artifacts/layer.ts"
import { Auth } from "./auth/Auth.ts"
import { ensureAdministrator, issueLocalToken } from "./auth/administrator.ts"
import { PlatformConfig } from "./config.ts"
import { layerDeploy } from "./deploy/Deploy.ts"
import { layerWorkflowEngine } from "./deploy/engine.ts"
import { runReconciler } from "./deploy/Reconciler.ts"
import { AgentSessions } from "./fleet/AgentSessions.ts"
import { RuntimeLogs } from "./fleet/RuntimeLogs.ts"
import { layerUploadAuthority } from "./fleet/uploadAuthority.ts"
import { serve } from "./http/Server.ts"
import { layerSwarm } from "./orchestrator/Swarm.ts"
import { Changes } from "./store/Changes.ts"
import { Database } from "./store/Database.ts"
import { Migrations } from "./store/Migrations.ts"
import { forgetConnections } from "./store/Workers.ts"
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
  yield* forgetConnections
  const administrator = yield* ensureAdministrator
  yield* writeLocalToken(administrator.id)
})

const Store = Migrations.pipe(
  Layer.provideMerge(Database),
  Layer.provideMerge(NodeServices.layer),
  Layer.provideMerge(PlatformConfig.layer),
)

const Artifacts = Layer.merge(layerArtifacts, layerUploadAuthority).pipe(
  Layer.provideMerge(
    Layer.unwrap(
      Effect.map(PlatformConfig, ({ dataFolder, secret }) => ArtifactConfig.layer({ dataFolder, secret })),
    ),
  ),
)

const Adapters = Layer.mergeAll(Auth.layer, Templates.layer, layerSwarm, Artifacts, Changes.layer).pipe(
  Layer.provideMerge(Store),
)

const Services = layerDeploy.pipe(
  Layer.provideMerge(AgentSessions.layer),
  Layer.provideMerge(RuntimeLogs.layer),
  Layer.provideMerge(layerWorkflowEngine),
  Layer.provideMerge(Adapters),
)

const Platform = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* prepare
    yield* serve
    yield* Effect.forkScoped(runReconciler)
  }),
).pipe(Layer.provide(Services))

NodeRuntime.runMain(Layer.launch(Platform))
