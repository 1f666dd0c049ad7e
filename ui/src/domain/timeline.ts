import {
  type Deployment,
  type DeploymentStep,
  isFinished,
  type StepName,
} from "@skypanel/contract/Deployment"

/** One stop on the line of a deployment, as it is drawn. */
export interface Stop {
  readonly name: StepName | "live"
  readonly title: string
  readonly state: DeploymentStep["state"]
  /** What it took, or what it has taken so far; null before it starts and when it was skipped. */
  readonly elapsedMs: number | null
  readonly expectedMs: number | null
  /** How full the line after this stop is, 0 to 1. */
  readonly fill: number
  readonly detail: string | null
}

export const stepTitle: Record<StepName | "live", string> = {
  queued: "Queued",
  building: "Building",
  publishing: "Publishing",
  "rolling-out": "Rolling out",
  verifying: "Verifying",
  live: "Live",
}

const elapsed = (step: DeploymentStep, now: number): number | null => {
  if (step.startedAt === null || step.state === "skipped" || step.state === "pending") return null
  const end = step.finishedAt === null ? now : Date.parse(step.finishedAt)
  return Math.max(0, end - Date.parse(step.startedAt))
}

/**
 * A running step fills towards its expected time without ever claiming to be done: past the expectation it creeps
 * from 90 % on. Without an expectation it stays at a token share.
 */
export const fillOf = (elapsedMs: number, expectedMs: number | null): number => {
  if (expectedMs === null || expectedMs <= 0) return 0.3
  const share = elapsedMs / expectedMs
  return share <= 1 ? 0.9 * share : 0.9 + 0.08 * (1 - 1 / share)
}

const stopOf = (step: DeploymentStep, now: number): Stop => {
  const elapsedMs = elapsed(step, now)
  const passed = step.state === "done" || step.state === "skipped"
  return {
    name: step.name,
    title: stepTitle[step.name],
    state: step.state,
    elapsedMs,
    expectedMs: step.expectedMs,
    fill: passed ? 1 : step.state === "running" ? fillOf(elapsedMs ?? 0, step.expectedMs) : 0,
    detail: step.detail,
  }
}

/** The stops of a deployment from `queued` to `live`. */
export const timelineOf = (deployment: Deployment, now: number): readonly Stop[] => {
  const passed = deployment.steps.findIndex(({ state }) => state !== "done" && state !== "skipped")
  const stops = deployment.steps.map((step, at) => {
    const stop = stopOf(step, now)
    // A step that will be skipped is passed only when those before it are.
    return step.state === "skipped" && passed >= 0 && at > passed ? { ...stop, fill: 0 } : stop
  })
  const live = deployment.status === "live"
  return [
    ...stops,
    {
      name: "live",
      title: stepTitle.live,
      state: live ? "done" : "pending",
      elapsedMs: null,
      expectedMs: null,
      fill: 0,
      detail: null,
    },
  ]
}

/** From the request to its end, or to now. */
export const totalMs = (deployment: Deployment, now: number): number =>
  Math.max(
    0,
    (deployment.finishedAt === null ? now : Date.parse(deployment.finishedAt)) -
      Date.parse(deployment.createdAt),
  )

/** What is still to come by earlier deployments; null when a step ahead has never been measured. */
export const remainingMs = (deployment: Deployment, now: number): number | null => {
  if (isFinished(deployment.status)) return null
  let sum = 0
  for (const step of deployment.steps) {
    if (step.state === "done" || step.state === "skipped" || step.name === "queued") continue
    if (step.expectedMs === null) return null
    sum += Math.max(0, step.expectedMs - (elapsed(step, now) ?? 0))
  }
  return sum
}

/**
 * The step whose details are open by themselves: the failed one, else the build, which has the log that people
 * watch, else the running one.
 */
export const openStep = (deployment: Deployment): StepName | null => {
  const inState = (state: DeploymentStep["state"]) =>
    deployment.steps.find((step) => step.state === state)?.name
  const built = deployment.steps.some(
    ({ name, state }) => name === "building" && (state === "running" || state === "done"),
  )
  return inState("failed") ?? deployment.failure?.step ?? (built ? "building" : (inState("running") ?? null))
}
