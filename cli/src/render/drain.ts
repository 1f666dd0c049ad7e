import type { Drain, Worker } from "@skypanel/contract/Worker"
import type { Style } from "./style.ts"
import { oneLine } from "./text.ts"
import { formatUntil } from "./time.ts"

export const countInstances = (count: number): string => `${count} ${count === 1 ? "instance" : "instances"}`

export const drainLeft = (drain: Drain): string => `${drain.left} of ${countInstances(drain.total)} left`

export const drainDeadline = (drain: Drain, now: number): string => {
  const until = formatUntil(drain.deadlineAt, now)
  return until === "over" ? "its time is over: it goes on" : `counts as stuck ${until}`
}

const stuckLine = (stuck: Drain["stuck"][number], style: Style): string =>
  `${style.yellow("!")} ${oneLine(`${stuck.organization}/${stuck.service} cannot go: ${stuck.reason}`)}`

export const stuckLines = (drain: Drain, style: Style): ReadonlyArray<string> =>
  drain.stuck.map((stuck) => stuckLine(stuck, style))

/** What has happened since `before`: how many are left, and what has got stuck. */
export const drainChanges = (before: Worker | null, now: Worker, style: Style): ReadonlyArray<string> => {
  if (now.drain === null) return []
  const known = before?.drain ?? null
  const knownStuck = known === null ? [] : stuckLines(known, style)
  return [
    ...(known?.left === now.drain.left ? [] : [`${style.yellow("…")} ${drainLeft(now.drain)}`]),
    ...stuckLines(now.drain, style).filter((line) => !knownStuck.includes(line)),
  ]
}
