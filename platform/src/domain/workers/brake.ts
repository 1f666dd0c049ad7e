/** A worker asks its peers whether they hear the platform; it cannot ask more than so many. */
export const peersMost = 1_000

/**
 * Half the fleet or more is silent at once: that is more likely the platform or the network than the workers, and
 * moving so much would hurt the rest. A worker that holds something on a lease goes by the same formula from its side
 * (agent/src/fence), so that never both act.
 */
export const brakeHolds = (silent: number, workers: number): boolean => silent > 0 && silent * 2 >= workers
