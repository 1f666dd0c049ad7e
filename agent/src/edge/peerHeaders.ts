/** Proves to another worker's proxy that a request comes from a proxy of the fleet. No container ever sees it. */
export const peerHeader = "x-skypanel-peer"
/** How many proxies have sent the request on. */
export const hopsHeader = "x-skypanel-hops"
/** Carries a status past a proxy that would take it for one of a peer's own. */
export const statusHeader = "x-skypanel-status"

/**
 * What a proxy itself answers to whoever has the secret: which worker it is, and whether its agent hears the platform.
 * No route can have this host: a visitor's request is never sent on with it.
 */
export const peerCheck = {
  host: "_peer",
  path: "/.skypanel/peer",
  workerHeader: "x-skypanel-worker",
  platformHeader: "x-skypanel-platform",
} as const
