/** What a peer's proxy said of its agent's contact with the platform; null: it did not answer. */
export type Answer = "heard" | "lost" | null

/** What the checks of one peer have shown. */
export interface Checked {
  /** In a row. */
  readonly failures: number
  readonly unreachable: boolean
  readonly said: Answer
}

/** Until it has failed, a peer is taken at the platform's word. */
export const notChecked: Checked = { failures: 0, unreachable: false, said: null }

/** One lost packet makes no peer unreachable. */
const failuresMost = 2

export const afterCheck = (before: Checked, answer: Answer): Checked => {
  if (answer !== null) return { failures: 0, unreachable: false, said: answer }
  const failures = Math.min(before.failures + 1, failuresMost)
  const unreachable = before.unreachable || failures >= failuresMost
  // What it said last is worth nothing once it is not there any more.
  return { failures, unreachable, said: unreachable ? null : before.said }
}

const everyMs = 2_000

/** `random`: from 0 to 1. Workers that started together do not ask all at once for ever. */
export const pauseMs = (random: number): number => everyMs * (0.9 + 0.2 * random)
