import type { FleetPolicy } from "@skypanel/contract/Fleet"
import type { Capacity, Health } from "@skypanel/contract/Worker"

export const alertKinds = ["cpu", "memory", "disk"] as const
export type AlertKind = (typeof alertKinds)[number]

/** How a measure of one worker has been lately. */
export interface Watch {
  /** Since when it has been above its limit, on the platform's clock in milliseconds; null: it is not. */
  readonly aboveSince: number | null
  /** An alert was told and has not ended. */
  readonly open: boolean
}

export const calm: Watch = { aboveSince: null, open: false }

/** An alert that ended at its limit exactly would start again with the next heartbeat. */
const slackPercent = 2

export const percentOf = (kind: AlertKind, health: Health, capacity: Capacity): number => {
  switch (kind) {
    case "cpu":
      return health.cpuPercent
    case "memory":
      return (100 * health.memoryUsedBytes) / Math.max(1, capacity.memoryBytes)
    case "disk":
      return (100 * health.diskUsedBytes) / Math.max(1, capacity.diskBytes)
  }
}

export const limitOf = (kind: AlertKind, { alerts }: Pick<FleetPolicy, "alerts">): number =>
  ({ cpu: alerts.cpuPercent, memory: alerts.memoryPercent, disk: alerts.diskPercent })[kind]

export interface Step {
  readonly watch: Watch
  /** What is to be told now. */
  readonly tell: "started" | "ended" | null
}

/** One measurement more: an alert starts once, when it has lasted, and ends once. */
export const nextWatch = (
  before: Watch,
  percent: number,
  limit: number,
  forMs: number,
  now: number,
): Step => {
  if (percent <= limit) {
    const ends = before.open && percent <= limit - Math.min(slackPercent, limit / 2)
    return { watch: { aboveSince: null, open: before.open && !ends }, tell: ends ? "ended" : null }
  }
  const aboveSince = before.aboveSince ?? now
  const starts = !before.open && now - aboveSince >= forMs
  return { watch: { aboveSince, open: before.open || starts }, tell: starts ? "started" : null }
}
