import type { Socket } from "node:net"
import { Effect, type Scope } from "effect"
import type { Destination, EgressPolicy } from "./EgressPolicy.ts"
import { type EgressEvent, EgressServer } from "./EgressServer.ts"

export interface EgressProxy {
  /** Connections that are open stay; the bytes are counted anew. */
  readonly setPolicy: (policy: EgressPolicy) => void
  /** How many bytes have come in under the policy of now. */
  readonly received: () => number
  /** For a fetch of our own, which obeys the same policy. Rejects with an error that says why not. */
  readonly connect: (destination: Destination) => Promise<Socket>
  /** What happened since the last call. */
  readonly takeEvents: () => ReadonlyArray<EgressEvent>
}

/**
 * The only way out of a build's network: an HTTP proxy (CONNECT, and plain requests) on a Unix socket. It resolves
 * names itself and connects to the very address it has judged, so a name that changes its answer gains nothing.
 */
export const openEgressProxy = (
  folder: string,
  initial: EgressPolicy,
): Effect.Effect<EgressProxy, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const proxy = new EgressServer(initial)
        await proxy.listen(folder)
        return proxy
      }),
      (proxy) => Effect.promise(() => proxy.close(folder)),
    ),
    (proxy): EgressProxy => ({
      setPolicy: (policy) => {
        proxy.policy = policy
        proxy.received = 0
      },
      received: () => proxy.received,
      connect: (destination) => proxy.connect(destination),
      takeEvents: () => proxy.events.splice(0),
    }),
  )
