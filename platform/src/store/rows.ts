import type { BuildObserved, BuildResult, ContainerObserved, Up } from "@skypanel/contract/AgentProtocol"
import type {
  DeploymentFailure,
  DeploymentReceipt,
  DeploymentStatus,
  DeploymentTrigger,
  StepName,
} from "@skypanel/contract/Deployment"
import type { Environment } from "@skypanel/contract/Environment"
import type {
  BuildId,
  DeploymentId,
  OrganizationId,
  ReleaseId,
  ServiceId,
  WorkerId,
} from "@skypanel/contract/Id"
import type { Resources } from "@skypanel/contract/Resources"
import type { Source } from "@skypanel/contract/Source"
import type { Health, WorkerRole } from "@skypanel/contract/Worker"

/** Rows as PostgreSQL gives them: int8 is bigint, timestamptz is Date, jsonb is parsed. */

interface Configuration {
  readonly source: Source
  readonly environment: Environment
  readonly resources: Resources
  readonly port: number
  readonly health_path: string | null
}

export interface ServiceRow extends Configuration {
  readonly id: ServiceId
  readonly organization_id: OrganizationId
  readonly organization_slug: string
  readonly name: string
  readonly wish: "running" | "stopped" | "deleted"
  readonly host: string
  readonly live_deployment_id: DeploymentId | null
  readonly current_release_id: ReleaseId | null
  readonly deployment_count: number
  readonly release_count: number
  readonly created_at: Date
}

export interface DeploymentRow extends Configuration {
  readonly id: DeploymentId
  readonly organization_id: OrganizationId
  readonly service_id: ServiceId
  readonly number: number
  readonly trigger: DeploymentTrigger
  readonly status: DeploymentStatus
  readonly release_id: ReleaseId | null
  readonly cancel_reason: string | null
  readonly previous_deployment_id: DeploymentId | null
  readonly failure: DeploymentFailure | null
  readonly receipt: DeploymentReceipt | null
  readonly created_by: string | null
  readonly created_at: Date
  readonly finished_at: Date | null
}

export interface StepRow {
  readonly deployment_id: DeploymentId
  readonly name: StepName
  readonly state: "pending" | "running" | "done" | "skipped" | "failed"
  readonly started_at: Date | null
  readonly finished_at: Date | null
  readonly detail: string | null
}

export interface ReleaseRow extends Configuration {
  readonly id: ReleaseId
  readonly organization_id: OrganizationId
  readonly service_id: ServiceId
  readonly number: number
  readonly image_digest: string
  readonly image_bytes: bigint
  readonly store_path: string
  readonly command: ReadonlyArray<string>
  readonly revision: string | null
  readonly recognised_as: string | null
  readonly created_at: Date
}

export interface BuildRow {
  readonly id: BuildId
  readonly organization_id: OrganizationId
  readonly deployment_id: DeploymentId
  readonly worker_id: WorkerId | null
  readonly phase: BuildObserved["phase"]
  readonly canceled: boolean
  readonly result: BuildResult | null
  readonly failure: DeploymentFailure | null
  readonly log_seq: number
  readonly created_at: Date
  readonly finished_at: Date | null
}

export interface InstanceRow {
  readonly container_id: string
  readonly service_id: ServiceId
  readonly deployment_id: DeploymentId
  readonly worker_id: WorkerId
  readonly observed: ContainerObserved
  readonly healthy: boolean
}

export interface WorkerRow {
  readonly id: WorkerId
  readonly name: string
  readonly development: boolean
  readonly roles: ReadonlyArray<WorkerRole>
  readonly generation: bigint
  readonly observed_generation: bigint
  readonly hello: Extract<Up, { _tag: "hello" }> | null
  readonly health: Health | null
  readonly edge_error: string | null
  readonly connected: boolean
  readonly stopped: boolean
  readonly last_heartbeat_at: Date | null
  readonly created_at: Date
}
