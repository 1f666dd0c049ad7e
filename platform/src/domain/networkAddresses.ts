/** An organization's network is a /24: so many machines fit into it. */
const inAll = 254

/**
 * Beyond this nothing more is placed. Swarm gives an address to each instance, also to one that starts beside another
 * or ends, one to each worker that has one of them, and one to the gateway. Whoever gets none waits for ever, and is
 * told nothing (moby#43052).
 */
const most = Math.floor(inAll * 0.8)

export interface NetworkUse {
  readonly instances: number
  /** Workers that have one of them. */
  readonly workers: number
}

/** Why no instance fits into an organization's network any more; null while one does, on whichever worker. */
export const whyNoAddress = ({ instances, workers }: NetworkUse): string | null =>
  instances + 1 + workers + 1 + 1 > most
    ? `The organization's network has ${most} addresses for its instances; ${instances} instances on ${workers} workers use them.`
    : null
