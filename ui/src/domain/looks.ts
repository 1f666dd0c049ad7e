import type { DeploymentStatus, DeploymentStep } from "@skypanel/contract/Deployment"
import type { Instance, ServiceState } from "@skypanel/contract/Service"
import type { Worker } from "@skypanel/contract/Worker"

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

export const stepLook: Record<DeploymentStep["state"], Look> = {
  pending: { word: "waiting", shape: "ring", tone: "idle" },
  running: busy("running"),
  done: { word: "done", shape: "disc", tone: "good" },
  skipped: { word: "skipped", shape: "dash", tone: "idle" },
  failed: { word: "failed", shape: "cross", tone: "bad" },
}

export const workerLook: Record<Worker["state"], Look> = {
  connected: { word: "connected", shape: "disc", tone: "good" },
  silent: { word: "silent", shape: "triangle", tone: "warn" },
  stopped: { word: "stopped", shape: "square", tone: "idle" },
  "never-seen": { word: "never seen", shape: "ring", tone: "idle" },
}

export const instanceLook = (instance: Pick<Instance, "state" | "healthy">): Look => {
  if (instance.state === "starting") return busy("starting")
  if (instance.state === "exited") return { word: "exited", shape: "cross", tone: "bad" }
  return instance.healthy
    ? { word: "healthy", shape: "disc", tone: "good" }
    : { word: "unhealthy", shape: "triangle", tone: "warn" }
}
