import type { WorkerId } from "@skypanel/contract/Id"
import { formatSize, type Resources } from "@skypanel/contract/Resources"
import type { Capacity } from "@skypanel/contract/Worker"
import { Result } from "effect"

/** A worker that takes services now. */
export interface Candidate {
  readonly id: WorkerId
  readonly capacity: Capacity
  /** Memory promised to what is placed there already. */
  readonly reservedBytes: number
  readonly placements: number
  /** Of them, of the service that is to be placed. */
  readonly ofService: number
}

/** What the system and our own programs need of a worker's memory. */
const ownShare = 0.1

const usableBytes = ({ capacity, reservedBytes }: Candidate) =>
  Math.floor(capacity.memoryBytes * (1 - ownShare)) - reservedBytes

const fits = (candidate: Candidate, { cpu, memoryBytes }: Resources) =>
  candidate.capacity.cpu >= cpu && usableBytes(candidate) >= memoryBytes

const share = (candidate: Candidate, { memoryBytes }: Resources) =>
  (candidate.reservedBytes + memoryBytes) / candidate.capacity.memoryBytes

const whyNone = (candidates: ReadonlyArray<Candidate>, { cpu, memoryBytes }: Resources, avoided: number) => {
  const elsewhere = avoided > 0 ? " other" : ""
  if (candidates.length === 0) return `There is no${elsewhere} worker that takes services now.`
  const cores = Math.max(...candidates.map(({ capacity }) => capacity.cpu))
  if (cores < cpu) return `It needs ${cpu} CPU cores; the largest${elsewhere} worker has ${cores}.`
  const free = Math.max(0, ...candidates.map(usableBytes))
  return `It needs ${formatSize(memoryBytes)} of memory; the most that is free on any${elsewhere} worker is ${formatSize(free)}.`
}

/**
 * The worker for one instance: one that has fewest of the same service, then the one whose memory is least promised.
 * The same input gives the same worker. Fails with the reason, for people.
 */
export const choosePlacement = (
  candidates: ReadonlyArray<Candidate>,
  resources: Resources,
  avoid: ReadonlySet<WorkerId> = new Set(),
): Result.Result<WorkerId, string> => {
  const allowed = candidates.filter(({ id }) => !avoid.has(id))
  const [best] = allowed
    .filter((candidate) => fits(candidate, resources))
    .toSorted(
      (a, b) =>
        a.ofService - b.ofService ||
        share(a, resources) - share(b, resources) ||
        a.placements - b.placements ||
        a.id.localeCompare(b.id),
    )
  return best === undefined ? Result.fail(whyNone(allowed, resources, avoid.size)) : Result.succeed(best.id)
}
