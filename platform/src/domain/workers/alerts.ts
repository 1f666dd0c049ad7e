import type { FleetPolicy } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import type { Capacity, Health } from "@skypanel/contract/Worker"
import type { ImagesObserved } from "@skypanel/contract/WorkerImages"

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

export interface Measured {
  readonly health: Health
  readonly images: ImagesObserved | null
}

/** The engine may have a disk of its own: the fuller one counts. */
const diskPercent = ({ health, images }: Measured, capacity: Capacity): number =>
  Math.max(
    (100 * health.diskUsedBytes) / Math.max(1, capacity.diskBytes),
    images === null ? 0 : (100 * images.disk.usedBytes) / Math.max(1, images.disk.totalBytes),
  )

export const percentOf = (kind: AlertKind, measured: Measured, capacity: Capacity): number => {
  const { health } = measured
  switch (kind) {
    case "cpu":
      return health.cpuPercent
    case "memory":
      return (100 * health.memoryUsedBytes) / Math.max(1, capacity.memoryBytes)
    case "disk":
      return diskPercent(measured, capacity)
  }
}

/** What an administrator can do about it; images that nothing needs are removed by the worker itself. */
export const adviceOf = (kind: AlertKind, { images }: Measured): string => {
  if (kind !== "disk" || images === null) return "Drain the worker, or add another one."
  const left =
    images.spare === 0
      ? "and none of them can be spared"
      : `and ${images.spare} of them can be spared, which the worker removes`
  return [
    `Its images take up to ${formatSize(images.bytes)} of ${formatSize(images.disk.totalBytes)}, ${left}.`,
    ...(images.problem === null ? [] : [`One could not be removed: ${images.problem}.`]),
    "Enlarge the disk, look what else is on it, or drain the worker.",
  ].join(" ")
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
