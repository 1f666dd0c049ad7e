import type { ContainerObserved } from "@skypanel/contract/AgentProtocol"
import type { DeploymentFailure, FailureCode, StepName } from "@skypanel/contract/Deployment"
import { type ServicePort, steadySeconds } from "@skypanel/contract/Service"

const failure = (
  step: StepName,
  code: FailureCode,
  title: string,
  next: string,
  more: Partial<DeploymentFailure> = {},
): DeploymentFailure => ({ step, code, title, next, detail: "", lines: [], location: null, ...more })

export const canceled = (step: StepName, reason: string): DeploymentFailure =>
  failure(step, "canceled", reason, "Deploy again when you want to.")

export const variableMissing: DeploymentFailure = failure(
  "rolling-out",
  "internal",
  "A variable refers to what the service's stack does not have, or a secret's value is gone or cannot be opened.",
  "Correct its variables, and set its secrets again: a reference looks like ${db.host}, and the stack's page shows what there is.",
)

export const noBuilder = (seconds: number): DeploymentFailure =>
  failure(
    "building",
    "no-builder",
    `No builder took the build within ${seconds} seconds.`,
    "An administrator looks at the workers page: one with the builder role must be connected.",
  )

/** Another build of the service was the first, and got something else. */
export const learnedAnew = (other: {
  readonly subject: string
  readonly lock: string
  readonly expected: string
  readonly got: string
}): DeploymentFailure =>
  failure(
    "building",
    "hash-mismatch",
    `The dependencies of ${other.subject} are not those that another build learned at the same time.`,
    "Find out why before you deploy again: the next build is held to what the other one learned.",
    {
      detail: `The lock file says the same (${other.lock}), yet other bytes came: expected ${other.expected}, got ${other.got}.`,
    },
  )

export const builderLost: DeploymentFailure = failure(
  "building",
  "no-builder",
  "Two builders were lost while they built it.",
  "Deploy again; if it happens again, tell an administrator: the build itself may be what takes them down.",
)

export const publishFailed = (detail: string): DeploymentFailure =>
  failure(
    "publishing",
    "publish-failed",
    "The image could not be made.",
    "Deploy again; if it stays, tell an administrator.",
    {
      detail,
    },
  )

/** It ran and ended before it was healthy once. */
export const exited = (container: ContainerObserved, port: ServicePort): DeploymentFailure =>
  container.outOfMemory
    ? failure(
        "rolling-out",
        "out-of-memory",
        "The application used more memory than it may and was ended.",
        "Give it more memory, or make it use less.",
        { detail: `exit code ${container.exitCode ?? "unknown"}`, lines: container.lastLines },
      )
    : failure(
        "rolling-out",
        "exited",
        `The application exited with code ${container.exitCode ?? "unknown"} before it ${port === null ? `had stayed up for ${steadySeconds} seconds` : "answered"}.`,
        `Look at its last lines; a service keeps running${port === null ? "" : " and listens on the port in PORT"}.`,
        { detail: container.probe, lines: container.lastLines },
      )

const neverSteady = (container: ContainerObserved, seconds: number): DeploymentFailure =>
  failure(
    "rolling-out",
    "unhealthy",
    `The application did not stay up for ${steadySeconds} seconds within ${seconds} seconds.`,
    "Look at its log; a service keeps running.",
    { detail: container.probe, lines: container.lastLines },
  )

export const neverHealthy = (
  container: ContainerObserved,
  port: ServicePort,
  healthPath: string | null,
  seconds: number,
): DeploymentFailure => {
  if (port === null) return neverSteady(container, seconds)
  const refused = /refused/i.test(container.probe)
  return failure(
    "rolling-out",
    refused ? "port-closed" : "unhealthy",
    refused
      ? `Nobody listened on port ${port} within ${seconds} seconds.`
      : `The application was not healthy within ${seconds} seconds.`,
    refused
      ? `Let it listen on 0.0.0.0 and the port in PORT (${port}), or set the port it listens on; a worker or a bot that listens on none runs without a port.`
      : healthPath === null
        ? "Look at its log; it has to accept connections."
        : `Let ${healthPath} answer with a 2xx status, or change the health path.`,
    { detail: container.probe, lines: container.lastLines },
  )
}

/** No worker that is there could take it. */
export const noRoom = (detail: string): DeploymentFailure =>
  failure(
    "rolling-out",
    "no-capacity",
    "No worker has room for it.",
    "Ask for less CPU or memory, or wait for an administrator to add a worker.",
    { detail },
  )

/** Of a service with a volume: the release before did not end, so the new one cannot begin. */
export const oldCopyStays = (seconds: number): DeploymentFailure =>
  failure(
    "rolling-out",
    "no-capacity",
    `The release before did not end within ${seconds} seconds, and only one may use the volume.`,
    "Deploy again; if it stays, tell an administrator: its worker may be away.",
  )

/** A worker was chosen and did not start it. */
export const notPlaced = (detail: string, seconds: number): DeploymentFailure =>
  /pull|manifest|registry|image/i.test(detail)
    ? failure(
        "rolling-out",
        "image-unavailable",
        "The worker could not get the image.",
        "Deploy again; if it stays, tell an administrator.",
        { detail },
      )
    : failure(
        "rolling-out",
        "no-capacity",
        `Its worker did not start it within ${seconds} seconds.`,
        "Deploy again; if it stays, tell an administrator: the workers page shows how the worker is.",
        { detail },
      )

export const endpointSilent = (detail: string, seconds: number): DeploymentFailure =>
  failure(
    "verifying",
    "endpoint-silent",
    `The endpoint did not lead to it within ${seconds} seconds.`,
    "The release before serves again. Look at the log, then deploy again.",
    { detail },
  )

export const internal = (step: StepName, detail: string): DeploymentFailure =>
  failure(
    step,
    "internal",
    "Something in SkyPanel went wrong.",
    "Deploy again; if it stays, tell an administrator.",
    {
      detail,
    },
  )
