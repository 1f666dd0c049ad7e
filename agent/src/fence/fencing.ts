import type { Desired } from "@skypanel/contract/AgentProtocol"
import type { PlacementId } from "@skypanel/contract/Id"
import type { Container } from "../observer/Container.ts"

/** How this worker stands towards the platform and the rest of the fleet. */
export interface Standing {
  /** Since the platform was heard last, or since the agent's start. */
  readonly silentMs: number
  /** All other workers. */
  readonly peers: number
  /** Those of them that answer, and say that they do not hear the platform either. */
  readonly sayLost: number
}

/**
 * The platform is away from half the fleet or more, this worker included: then its brake holds, and nothing is started
 * elsewhere. The same formula as the platform's, on what a worker can know: it may count fewer than are silent, which
 * stops more than needed, and never keeps what is started a second time.
 */
const brakeHolds = ({ peers, sayLost }: Standing): boolean => 2 * (sayLost + 1) >= peers + 1

/** A placement with this lease may not run on. */
export const leaseIsOver = (leaseSeconds: number, standing: Standing): boolean =>
  standing.silentMs > leaseSeconds * 1000 && !brakeHolds(standing)

/**
 * Placements whose containers are to be stopped.
 *
 * That a placement has ended is believed also where only the disk remembers it: it never comes back, what follows is
 * another one. A lease needs no word at all, that is what it is for.
 */
export const fenced = (
  { ended, placements }: Pick<Desired, "ended" | "placements">,
  standing: Standing,
): ReadonlySet<PlacementId> =>
  new Set([
    ...ended,
    ...placements.flatMap(({ placementId, leaseSeconds }) =>
      leaseSeconds !== null && leaseIsOver(leaseSeconds, standing) ? [placementId] : [],
    ),
  ])

/** The containers that run although they are not to. */
export const toStop = (
  containers: ReadonlyArray<Container>,
  placements: ReadonlySet<PlacementId>,
): ReadonlyArray<Container> =>
  containers.filter(({ placementId, state }) => state !== "exited" && placements.has(placementId))
