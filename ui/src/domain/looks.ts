import type { ArtifactRun } from "@skypanel/contract/Artifacts"
import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import type { BuildState } from "@skypanel/contract/BuildRecord"
import type { CacheKey } from "@skypanel/contract/CacheKey"
import type { DeploymentStatus, DeploymentStep } from "@skypanel/contract/Deployment"
import type { AgentUpgrade } from "@skypanel/contract/Fleet"
import type { Installation } from "@skypanel/contract/Installation"
import type { Instance, ServiceState } from "@skypanel/contract/Service"
import type { StackRevision, StackState, StackStepState } from "@skypanel/contract/Stack"
import type { TemplateState } from "@skypanel/contract/Template"
import type { WorkerInstance, WorkerState } from "@skypanel/contract/Worker"

/** A state is a word, a shape and a colour, the same everywhere. */
export interface Look {
  readonly word: string
  readonly shape: "disc" | "ring" | "spinner" | "triangle" | "cross" | "square" | "dash"
  readonly tone: "good" | "busy" | "warn" | "bad" | "idle"
}

const busy = (word: string): Look => ({ word, shape: "spinner", tone: "busy" })

export const serviceLook: Record<ServiceState, Look> = {
  deploying: busy("deploying"),
  live: { word: "live", shape: "disc", tone: "good" },
  degraded: { word: "degraded", shape: "triangle", tone: "warn" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
  stopped: { word: "stopped", shape: "square", tone: "idle" },
  deleting: { word: "deleting", shape: "dash", tone: "idle" },
}

export const stackLook: Record<StackState, Look> = {
  deploying: busy("deploying"),
  live: serviceLook.live,
  degraded: serviceLook.degraded,
  failed: serviceLook.failed,
  deleting: serviceLook.deleting,
}

export const stackRevisionLook: Record<StackRevision["status"], Look> = {
  deploying: busy("deploying"),
  live: serviceLook.live,
  failed: serviceLook.failed,
}

export const stackStepLook: Record<StackStepState, Look> = {
  waiting: { word: "waiting", shape: "ring", tone: "idle" },
  deploying: busy("deploying"),
  live: serviceLook.live,
  unchanged: { word: "unchanged", shape: "dash", tone: "idle" },
  failed: serviceLook.failed,
  skipped: { word: "skipped", shape: "dash", tone: "idle" },
}

export const deploymentLook: Record<DeploymentStatus, Look> = {
  queued: { word: "queued", shape: "ring", tone: "idle" },
  building: busy("building"),
  publishing: busy("publishing"),
  "rolling-out": busy("rolling out"),
  verifying: busy("verifying"),
  live: { word: "live", shape: "disc", tone: "good" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
  canceled: { word: "canceled", shape: "dash", tone: "idle" },
}

export const templateLook: Record<TemplateState, Look> = {
  draft: { word: "draft", shape: "ring", tone: "idle" },
  validating: busy("validating"),
  failed: { word: "failed", shape: "cross", tone: "bad" },
  valid: { word: "valid", shape: "ring", tone: "good" },
  published: { word: "published", shape: "disc", tone: "good" },
  withdrawn: { word: "withdrawn", shape: "dash", tone: "idle" },
}

export const buildLook: Record<BuildState, Look> = {
  waiting: { word: "waiting", shape: "ring", tone: "idle" },
  running: busy("running"),
  succeeded: { word: "succeeded", shape: "disc", tone: "good" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
  canceled: { word: "canceled", shape: "dash", tone: "idle" },
}

export const runLook: Record<ArtifactRun["state"], Look> = {
  running: busy("running"),
  done: { word: "done", shape: "disc", tone: "good" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
}

export const cacheKeyLook: Record<CacheKey["state"], Look> = {
  signs: { word: "signs", shape: "disc", tone: "good" },
  overlaps: { word: "overlaps", shape: "ring", tone: "warn" },
  retired: { word: "retired", shape: "dash", tone: "idle" },
  lost: { word: "lost", shape: "cross", tone: "bad" },
}

export const stepLook: Record<DeploymentStep["state"], Look> = {
  pending: { word: "waiting", shape: "ring", tone: "idle" },
  running: busy("running"),
  done: { word: "done", shape: "disc", tone: "good" },
  skipped: { word: "skipped", shape: "dash", tone: "idle" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
}

export const workerLook: Record<WorkerState, Look> = {
  joining: busy("joining"),
  active: { word: "active", shape: "disc", tone: "good" },
  degraded: { word: "degraded", shape: "triangle", tone: "warn" },
  suspect: { word: "suspect", shape: "triangle", tone: "bad" },
  unhealthy: { word: "unhealthy", shape: "cross", tone: "bad" },
  quarantined: { word: "quarantined", shape: "dash", tone: "warn" },
  draining: busy("draining"),
  drained: { word: "drained", shape: "ring", tone: "idle" },
  stopped: { word: "stopped", shape: "square", tone: "idle" },
  removed: { word: "removed", shape: "dash", tone: "idle" },
}

export const installationLook: Record<Installation["state"], Look> = {
  open: { word: "open", shape: "ring", tone: "idle" },
  fetched: busy("fetched"),
  used: { word: "used", shape: "disc", tone: "good" },
  expired: { word: "expired", shape: "dash", tone: "idle" },
  revoked: { word: "revoked", shape: "cross", tone: "idle" },
}

export const upgradeLook: Record<AgentUpgrade["state"], Look> = {
  running: busy("running"),
  done: { word: "done", shape: "disc", tone: "good" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
  stopped: { word: "stopped", shape: "square", tone: "idle" },
}

export const workerUpgradeLook: Record<AgentUpgrade["workers"][number]["state"], Look> = {
  waiting: { word: "waiting", shape: "ring", tone: "idle" },
  upgrading: busy("upgrading"),
  done: { word: "done", shape: "disc", tone: "good" },
  skipped: { word: "skipped", shape: "dash", tone: "idle" },
  reverted: { word: "reverted", shape: "triangle", tone: "warn" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
}

/** Of something that happened: its words stand beside it, so the shape has none. */
export const eventLook: Record<AuditEvent["tone"], Look> = {
  info: { word: "", shape: "ring", tone: "idle" },
  good: { word: "", shape: "disc", tone: "good" },
  warn: { word: "", shape: "triangle", tone: "warn" },
  bad: { word: "", shape: "cross", tone: "bad" },
}

/** An instance as its worker's administrator sees it. */
export const placementLook = ({ state, healthy }: Pick<WorkerInstance, "state" | "healthy">): Look => {
  if (state === "starting") return busy("starting")
  if (state === "leaving") return busy("leaving")
  return healthy
    ? { word: "serving", shape: "disc", tone: "good" }
    : { word: "unhealthy", shape: "triangle", tone: "warn" }
}

export const instanceLook = (instance: Pick<Instance, "state" | "healthy">): Look => {
  if (instance.state === "starting") return busy("starting")
  if (instance.state === "exited") return { word: "exited", shape: "cross", tone: "bad" }
  return instance.healthy
    ? { word: "healthy", shape: "disc", tone: "good" }
    : { word: "unhealthy", shape: "triangle", tone: "warn" }
}
