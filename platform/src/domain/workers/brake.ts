/** A worker asks its peers whether they hear the platform; it cannot ask more than so many. */
export const peersMost = 1_000

/**
 * Half the fleet or more is silent at once: that is more likely the platform or the network than the workers, and
 * moving so much would hurt the rest. A worker that holds something on a lease goes by the same formula from its side
 * (agent/src/fence), so that never both act.
 */
export const brakeHolds = (silent: number, workers: number): boolean => silent > 0 && silent * 2 >= workers

/** Agents need up to ten seconds to come back, each at a time of its own: until then the rest are not lost either. */
export const lingerMs = 15_000

/** Of the workers that count: how many are lost, and how many have been silent for half of the time to that, or more. */
export interface Silence {
  readonly lost: number
  readonly quiet: number
  readonly of: number
}

export interface Brake {
  /** Half of the fleet was lost: people are told. Until then it only waits for the rest to be lost or heard. */
  readonly firm: boolean
  readonly silent: number
  readonly of: number
  /** When it was firm last. Milliseconds. */
  readonly firmAt: number
}

/**
 * The brake after one more look; null: it does not hold. Workers that fall silent together do not do so in the same
 * instant: those that have been quiet for a while count before the first of them is given up.
 */
export const nextBrake = (before: Brake | null, { lost, quiet, of }: Silence, now: number): Brake | null => {
  if (lost === 0) return null
  if (brakeHolds(lost, of)) return { firm: true, silent: lost, of, firmAt: now }
  if (before?.firm === true && now - before.firmAt < lingerMs) return { ...before, silent: lost, of }
  return brakeHolds(quiet, of) ? { firm: false, silent: lost, of, firmAt: Number.NEGATIVE_INFINITY } : null
}
