import type { ProbeResult } from "./Probe.ts"

/** What the probes of one container have shown so far. */
export interface Probing {
  readonly healthy: boolean
  readonly words: string
  /** Since it was healthy last. */
  readonly failures: number
}

export const notProbed: Probing = { healthy: false, words: "not probed yet", failures: 0 }

/** One lost packet takes no container out of service: this many failures in a row do. */
const failuresMost = 3

export const afterProbe = (before: Probing, result: ProbeResult): Probing => {
  if (result.healthy) return { healthy: true, words: result.words, failures: 0 }
  const failures = before.failures + 1
  return { healthy: before.healthy && failures < failuresMost, words: result.words, failures }
}

/**
 * Milliseconds until the next look. A start is watched closely, because a deployment waits for it; a healthy
 * container now and then; a doubtful one soon again.
 */
export const pauseAfter = (now: Probing, msSinceStart: number): number => {
  if (now.healthy) return now.failures === 0 ? 5_000 : 500
  if (msSinceStart < 5_000) return 50
  if (msSinceStart < 60_000) return 100
  return 1_000
}
