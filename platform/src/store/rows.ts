import type { ContainerObserved, DesiredAgent, Hello, WorkerProblem } from "@skypanel/contract/AgentProtocol"
import type { BuildObserved, BuildResult, FetchedCommit } from "@skypanel/contract/BuildAssignment"
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
  InstallationId,
  OrganizationId,
  PlacementId,
  ReleaseId,
  ServiceId,
  StackId,
  WorkerId,
} from "@skypanel/contract/Id"
import type { AgentRuntime } from "@skypanel/contract/Installation"
import type { ImageSettings } from "@skypanel/contract/image/ImageSettings"
import type { Resources } from "@skypanel/contract/Resources"
import type { Source } from "@skypanel/contract/Source"
import type { Volume } from "@skypanel/contract/Volume"
import type { Availability, Health, Labels, WorkerRole, WorkerState } from "@skypanel/contract/Worker"
import type { ImagesObserved } from "@skypanel/contract/WorkerImages"
import type { Meanings } from "../domain/stacks/meanings.ts"
import type { SecretVersions } from "./SecretVariables.ts"

/** Rows as PostgreSQL gives them: int8 is bigint, timestamptz is Date, jsonb is parsed. */

interface Configuration {
  readonly source: Source
  readonly environment: Environment
  /** Which version of each secret variable. */
  readonly secrets: SecretVersions
  readonly resources: Resources
  /** Null: it runs without one. */
  readonly port: number | null
  readonly health_path: string | null
  readonly replicas: number
  readonly volume: Volume | null
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
  readonly volume_worker_id: WorkerId | null
  readonly deployment_count: number
  readonly release_count: number
  readonly watch_seconds: number
  readonly stack_id: StackId | null
  readonly stack_key: string | null
  readonly public: boolean
  readonly kept_releases: number | null
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
  readonly pinned_revision: string | null
  readonly commit: FetchedCommit | null
  readonly cancel_reason: string | null
  readonly previous_deployment_id: DeploymentId | null
  readonly took_over_from_healthy: boolean
  readonly returned_reason: string | null
  readonly returned_by: number | null
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
  /** Of an image of blobs. */
  readonly image_settings: ImageSettings | null
  readonly revision: string | null
  readonly recognised_as: string | null
  readonly created_at: Date
}

export interface BuildRow {
  readonly id: BuildId
  readonly organization_id: OrganizationId
  /** Null: it is the trial of a template, or of a service of a stack. */
  readonly deployment_id: DeploymentId | null
  readonly worker_id: WorkerId | null
  readonly phase: BuildObserved["phase"]
  readonly canceled: boolean
  readonly result: BuildResult | null
  readonly failure: DeploymentFailure | null
  readonly queue_position: number | null
  readonly queue_reason: string | null
  readonly log_seq: number
  readonly created_at: Date
  readonly finished_at: Date | null
}

export interface InstanceRow {
  readonly container_id: string
  readonly service_id: ServiceId
  readonly deployment_id: DeploymentId
  readonly placement_id: PlacementId
  readonly worker_id: WorkerId
  readonly observed: ContainerObserved
  readonly healthy: boolean
}

export interface WorkerRow {
  readonly id: WorkerId
  readonly name: string
  readonly development: boolean
  readonly roles: ReadonlyArray<WorkerRole>
  readonly granted_roles: ReadonlyArray<WorkerRole>
  readonly labels: Labels
  readonly region: string | null
  readonly availability: Availability
  readonly state: WorkerState
  readonly state_reason: string
  readonly state_since: Date
  readonly takes_new: boolean
  readonly gets_traffic: boolean
  readonly quarantined_until: Date | null
  readonly silent_since: Date | null
  readonly drain_started_at: Date | null
  readonly drain_deadline_at: Date | null
  readonly node_id: string | null
  readonly drain_by: string | null
  readonly drain_total: number
  readonly move_services: boolean
  readonly desired_agent: DesiredAgent | null
  readonly goodbye: "stopped" | "upgrade" | "uninstalled" | null
  readonly removed_at: Date | null
  readonly hello: Hello | null
  readonly created_at: Date
}

export interface WorkerReportRow {
  readonly worker_id: WorkerId
  readonly health: Health | null
  readonly problems: ReadonlyArray<WorkerProblem>
  readonly unreachable_peers: ReadonlyArray<WorkerId>
  readonly volumes: ReadonlyArray<ServiceId>
  readonly images: ImagesObserved | null
  readonly edge_error: string | null
  readonly observed_generation: bigint
  readonly last_heartbeat_at: Date | null
}

export interface PlacementRow {
  readonly id: PlacementId
  readonly organization_id: OrganizationId
  readonly service_id: ServiceId
  readonly deployment_id: DeploymentId
  readonly slot: number
  readonly worker_id: WorkerId
  readonly state: "starting" | "serving" | "leaving" | "ended"
  readonly reason: "deployment" | "drain" | "failover" | "repair"
  readonly replaces: PlacementId | null
  readonly created_at: Date
  readonly healthy_at: Date | null
  readonly leaving_at: Date | null
  readonly ended_at: Date | null
  readonly gone: boolean
  /** What the references in its variables stood for; null: it was not started yet. */
  readonly meanings: Meanings | null
}

export interface InstallationRow {
  readonly id: InstallationId
  readonly token_hash: string
  readonly name: string | null
  readonly roles: ReadonlyArray<WorkerRole>
  readonly labels: Labels
  readonly region: string | null
  readonly runtime: AgentRuntime
  readonly allow_from: string | null
  readonly replaces_worker_id: WorkerId | null
  readonly development: boolean
  readonly created_by: string
  readonly created_at: Date
  readonly expires_at: Date
  readonly fetched_at: Date | null
  readonly used_at: Date | null
  readonly worker_id: WorkerId | null
  readonly public_key: string | null
  readonly revoked_at: Date | null
}
