import { type ContainerObserved, ContainerObserved as Observed } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, OrganizationId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import { Schema } from "effect"

/** What the platform writes on every container that it places. */
export const labels = {
  organization: "skypanel.organization",
  service: "skypanel.service",
  deployment: "skypanel.deployment",
  placement: "skypanel.placement",
} as const

/** A container of ours as the engine has it. */
export interface Container {
  readonly id: string
  readonly organizationId: OrganizationId
  readonly serviceId: ServiceId
  readonly deploymentId: DeploymentId
  readonly placementId: PlacementId
  readonly state: ContainerObserved["state"]
  readonly exitCode: number | null
  readonly outOfMemory: boolean
  readonly startedAt: string | null
  /** Where this machine reaches it: its IPv4 address on the engine's gateway bridge. */
  readonly address: string | null
}

/** What we read of `GET /containers/{id}/json` (Docker Engine API 1.41). */
export interface Inspected {
  readonly Id: string
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null }
  readonly State: {
    readonly Status: string
    readonly ExitCode: number
    readonly OOMKilled: boolean
    readonly StartedAt: string
  }
}

const isOwner = {
  organization: Schema.is(Observed.fields.organizationId),
  service: Schema.is(Observed.fields.serviceId),
  deployment: Schema.is(Observed.fields.deploymentId),
  placement: Schema.is(Observed.fields.placementId),
}

export const stateOf = (status: string): Container["state"] => {
  if (status === "running" || status === "paused") return "running"
  return status === "created" || status === "restarting" ? "starting" : "exited"
}

/** Null when its labels are not ours: anybody may write a label on an engine that is shared. */
export const containerOf = (inspected: Inspected, address: string | null): Container | null => {
  const own = inspected.Config.Labels ?? {}
  const organizationId = own[labels.organization]
  const serviceId = own[labels.service]
  const deploymentId = own[labels.deployment]
  const placementId = own[labels.placement]
  if (
    !isOwner.organization(organizationId) ||
    !isOwner.service(serviceId) ||
    !isOwner.deployment(deploymentId) ||
    !isOwner.placement(placementId)
  )
    return null
  const state = stateOf(inspected.State.Status)
  const startedAt = inspected.State.StartedAt
  return {
    id: inspected.Id,
    organizationId,
    serviceId,
    deploymentId,
    placementId,
    state,
    exitCode: state === "exited" ? inspected.State.ExitCode : null,
    outOfMemory: inspected.State.OOMKilled,
    // The engine's word for never is the year 1.
    startedAt: startedAt.startsWith("0001-") ? null : new Date(startedAt).toISOString(),
    address,
  }
}
