import type { BuildRecord } from "@skypanel/contract/BuildRecord"
import { formatDuration } from "./time.ts"

/** How long a builder had it: without the time that it waited. */
export const workedMs = ({ phases }: BuildRecord): number =>
  phases.reduce((sum, { name, ms }) => (name === "waiting" ? sum : sum + ms), 0)

/** Each phase with its time, such as `waiting 300 ms · building 1 min 01 s`. */
export const phaseWords = ({ phases }: BuildRecord): string =>
  phases.map(({ name, ms }) => `${name} ${formatDuration(ms)}`).join(" · ")

export interface BuildBar {
  readonly build: BuildRecord
  /** Of the picture's height, from 0 to 1; something is seen of the shortest. */
  readonly height: number
}

const least = 0.04

/** A bar for each build that has begun, the oldest first, the longest as high as the picture. */
export const buildBars = (builds: readonly BuildRecord[]): readonly BuildBar[] => {
  const begun = builds.filter((build) => build.startedAt !== null).toReversed()
  const longest = Math.max(1, ...begun.map(workedMs))
  return begun.map((build) => ({ build, height: Math.max(least, workedMs(build) / longest) }))
}
