import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { RegistryCredential } from "../artifacts/RegistryCredential.ts"
import { PlatformConfig } from "../config.ts"
import { exited, internal, neverHealthy, notPlaced } from "../domain/failures.ts"
import { Orchestrator, type Workload } from "../orchestrator/Orchestrator.ts"
import { Changes } from "../store/Changes.ts"
import { enterStep, loadRelease } from "../store/Deployments.ts"
import type { DeploymentRow, InstanceRow, ReleaseRow, ServiceRow } from "../store/rows.ts"
import { DeploymentFailed, loadWanted } from "./DeploymentFailed.ts"
import { hit } from "./failpoint.ts"

/** How long a worker may take to be found and to get the image, which may be large the first time. */
const placementSeconds = 180

export const workloadOf = (service: ServiceRow, deployment: DeploymentRow, release: ReleaseRow) =>
  Effect.gen(function* () {
    const config = yield* PlatformConfig
    const credential = yield* RegistryCredential
    const repository = `${service.organization_id}/${service.id}`
    return {
      organizationId: service.organization_id,
      serviceId: service.id,
      serviceName: service.name,
      deploymentId: deployment.id,
      image: `${config.registryAddress}/${repository}@${release.image_digest}`,
      registryCredential: credential.forRepository(repository),
      environment: deployment.environment,
      port: deployment.port,
      resources: deployment.resources,
    } satisfies Workload
  })

const instancesOf = (id: DeploymentId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<InstanceRow>`select * from instance where deployment_id = ${id}`,
  )

/**
 * Starts the release beside the one that serves, and waits until its worker has seen it healthy. The first exit ends
 * the deployment: an application that cannot stay up for its first answer will not by being started again.
 */
export const rollOut = (id: DeploymentId) =>
  Effect.gen(function* () {
    const orchestrator = yield* Orchestrator
    const changes = yield* Changes
    const { healthDeadlineSeconds } = yield* PlatformConfig
    const { deployment, service } = yield* loadWanted(id, "rolling-out")
    yield* enterStep(id, "rolling-out")
    const release = deployment.release_id === null ? null : yield* loadRelease(deployment.release_id)
    if (release === null)
      return yield* new DeploymentFailed({ failure: internal("rolling-out", "its release is gone") })
    yield* orchestrator.run(yield* workloadOf(service, deployment, release))
    yield* hit("workload-placed")
    const placedAt = performance.now()
    let seenAt: number | null = null
    const look = Effect.gen(function* () {
      yield* loadWanted(id, "rolling-out")
      const instances = yield* instancesOf(id)
      if (instances.some((instance) => instance.healthy)) return true
      const ended = instances.find((instance) => instance.observed.state === "exited")
      if (ended !== undefined) return yield* new DeploymentFailed({ failure: exited(ended.observed) })
      const [running] = instances
      if (running === undefined) {
        if (performance.now() - placedAt < placementSeconds * 1000) return null
        const placement = yield* orchestrator.placement(id)
        return yield* new DeploymentFailed({ failure: notPlaced(placement.reason, placementSeconds) })
      }
      seenAt ??= performance.now()
      if (performance.now() - seenAt < healthDeadlineSeconds * 1000) return null
      return yield* new DeploymentFailed({
        failure: neverHealthy(
          running.observed,
          deployment.port,
          deployment.health_path,
          healthDeadlineSeconds,
        ),
      })
    })
    yield* changes.until(look, (change) => change.deployment === id)
    yield* hit("healthy")
  })
