import type { PgClient } from "@effect/sql-pg"
import { Api } from "@skypanel/contract/Api"
import { Layer } from "effect"
import { HttpServer } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import type { SqlClient } from "effect/sql"
import type { WorkflowEngine } from "effect/workflow"
import type { Closures } from "../artifacts/Closures.ts"
import type { Collector } from "../artifacts/collection/Collector.ts"
import type { NarFiles } from "../artifacts/NarFiles.ts"
import type { SigningKeys } from "../artifacts/SigningKeys.ts"
import type { Auth } from "../auth/Auth.ts"
import type { PlatformConfig } from "../config.ts"
import type { AgentSessions } from "../fleet/AgentSessions.ts"
import type { Dispatcher } from "../fleet/Dispatcher.ts"
import type { FleetPolicies } from "../fleet/FleetPolicies.ts"
import type { FleetWatch } from "../fleet/FleetWatch.ts"
import type { Judge } from "../fleet/Judge.ts"
import type { Measurements } from "../fleet/Measurements.ts"
import type { Mover } from "../fleet/Mover.ts"
import type { PlatformKey } from "../fleet/PlatformKey.ts"
import type { RuntimeLogs } from "../fleet/RuntimeLogs.ts"
import type { FolderStore } from "../folders/FolderStore.ts"
import type { Installer } from "../install/Installer.ts"
import type { Notifications } from "../notify/Notifications.ts"
import type { Cluster } from "../orchestrator/Cluster.ts"
import type { Sealing } from "../sealing/Sealing.ts"
import type { Changes } from "../store/Changes.ts"
import type { StackTemplates } from "../templates/StackTemplates.ts"
import type { Templates } from "../templates/Templates.ts"
import { layerArtifacts } from "./artifacts.ts"
import { layerAuthorization } from "./authorization.ts"
import { layerBuilds } from "./builds.ts"
import { layerCacheKeys } from "./cacheKeys.ts"
import { layerChecks } from "./checks.ts"
import { layerDeployments } from "./deployments.ts"
import { layerEvents } from "./events.ts"
import { layerExpressions } from "./expressions.ts"
import { layerFleet } from "./fleet.ts"
import { layerFolders } from "./folders.ts"
import { layerImage } from "./image.ts"
import { layerInputErrors } from "./inputErrors.ts"
import { layerInstallations } from "./installations.ts"
import { layerLearnedHashes } from "./learnedHashes.ts"
import { layerNotifications } from "./notifications.ts"
import { layerPreparedCredentials } from "./preparedCredentials.ts"
import { layerRegistration } from "./registration.ts"
import { layerRegistries } from "./registries.ts"
import { layerReleases } from "./releases.ts"
import { layerRepository } from "./repository.ts"
import { layerServices } from "./services.ts"
import { layerSession } from "./session.ts"
import { layerSigningKeys } from "./signingKeys.ts"
import { layerStacks } from "./stacks.ts"
import { layerStackTemplates } from "./stackTemplates.ts"
import { layerTemplates } from "./templates.ts"
import { layerWorkers } from "./workers.ts"

/** The HttpApi with its OpenAPI document at `/api/v1/openapi.json` and its pages at `/api/v1/docs`. */
export const layerApi = Layer.mergeAll(
  HttpApiBuilder.layer(Api, { openapiPath: "/api/v1/openapi.json" }).pipe(
    Layer.provide([
      layerSession,
      layerTemplates,
      layerServices,
      layerStacks,
      layerStackTemplates,
      layerDeployments,
      layerFolders,
      layerReleases,
      layerLearnedHashes,
      layerEvents,
      layerRepository,
      layerImage,
      layerPreparedCredentials,
      layerRegistries,
    ]),
    Layer.provide([layerWorkers, layerInstallations, layerRegistration, layerFleet, layerNotifications]),
    Layer.provide([
      layerArtifacts,
      layerCacheKeys,
      layerSigningKeys,
      layerBuilds,
      layerChecks,
      layerExpressions,
    ]),
    Layer.provide([layerAuthorization, layerInputErrors]),
  ),
  HttpApiScalar.layer(Api, { path: "/api/v1/docs" }),
).pipe(Layer.provide(HttpServer.layerServices))

/** What the handlers use. */
export type ApiServices =
  | AgentSessions
  | Dispatcher
  | Auth
  | Changes
  | Closures
  | Cluster
  | Collector
  | FleetPolicies
  | FleetWatch
  | FolderStore
  | Installer
  | Judge
  | Measurements
  | Mover
  | NarFiles
  | Notifications
  | PgClient.PgClient
  | PlatformConfig
  | PlatformKey
  | RuntimeLogs
  | SigningKeys
  | Sealing
  | SqlClient.SqlClient
  | StackTemplates
  | Templates
  | WorkflowEngine.WorkflowEngine
