import type { Drain } from "@skypanel/contract/Worker"

export interface DrainProgress {
  readonly moved: number
  /** 0 to 1. */
  readonly share: number
  readonly late: boolean
  /** In words, such as "7 of 12 moved". */
  readonly text: string
}

/** Services may come and go meanwhile: what is left can be more than there was. */
export const progressOf = (drain: Drain, now: number): DrainProgress => {
  const moved = Math.max(0, drain.total - drain.left)
  return {
    moved,
    share: drain.left === 0 ? 1 : drain.total === 0 ? 0 : moved / drain.total,
    late: drain.left > 0 && now > Date.parse(drain.deadlineAt),
    text: drain.total === 0 && drain.left === 0 ? "Nothing ran there." : `${moved} of ${drain.total} moved`,
  }
}
