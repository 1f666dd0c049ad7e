import type { FleetPolicy } from "@skypanel/contract/Fleet"
import type { PlacementId, WorkerId } from "@skypanel/contract/Id"
import type { Volume } from "@skypanel/contract/Volume"

/** Why a placement was made. */
export type PlacementReason = "deployment" | "drain" | "failover" | "repair"

/** How long a lease lasts, and how long after it a worker has surely stopped what it held. */
export const leaseSeconds = 30
const fenceMs = (leaseSeconds + 15) * 1000

/** A worker as far as moves go. */
export interface SlotWorker {
  readonly id: WorkerId
  readonly name: string
  readonly lost: boolean
  readonly lostForMs: number
  /** An administrator wants nothing to run there. */
  readonly leaving: boolean
  /** An administrator said that what runs there shall be started elsewhere. */
  readonly moveByHand: boolean
}

/** A placement that has not ended and is not on its way out. */
export interface SlotPlacement {
  readonly id: PlacementId
  readonly worker: SlotWorker
  readonly state: "starting" | "serving"
  readonly reason: PlacementReason
  readonly replaces: PlacementId | null
  /** As its worker reports, and the worker is there. */
  readonly healthy: boolean
  readonly ageMs: number
}

/** One instance that a deployment shall have, and what there is of it. */
export interface Slot {
  readonly placements: ReadonlyArray<SlotPlacement>
  readonly volume: Volume | null
  /** A former placement of it whose containers may still run: on which worker, and whether that one is fenced. */
  readonly former: ReadonlyArray<{ readonly worker: SlotWorker }>
  /** A newer deployment of a service with a volume has taken the volume over, for the time being. */
  readonly yields: boolean
  /** Replacements that were given up in a row, and how long ago the last one was. */
  readonly failures: number
  readonly sinceFailureMs: number
}

export type Move =
  | { readonly do: "nothing"; readonly stuck: string | null }
  | {
      readonly do: "place"
      readonly reason: PlacementReason
      readonly replaces: PlacementId | null
      readonly avoid: ReadonlyArray<WorkerId>
    }
  /** It was healthy: from now on it counts. */
  | { readonly do: "serve"; readonly placement: PlacementId }
  | { readonly do: "takeOver"; readonly by: PlacementId; readonly from: PlacementId }
  | { readonly do: "end"; readonly placement: PlacementId; readonly failed: boolean; readonly why: string }

export interface Circumstances {
  readonly policy: Pick<FleetPolicy, "failover">
  /** So much of the fleet is silent that nothing is moved by itself. */
  readonly brake: boolean
  /** For how long a worker that is lost knows that it alone is, and ends what it holds on a lease. */
  readonly fencingForMs: number
  /** How long a replacement may take to become healthy: image, start and probes. */
  readonly patienceMs: number
}

const nothing: Move = { do: "nothing", stuck: null }
const stuck = (reason: string): Move => ({ do: "nothing", stuck: reason })

/** 5 s, 10 s, 20 s … at most 5 minutes after replacements that did not become healthy. */
const retryAfterMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(300_000, 5_000 * 2 ** (failures - 1))

const mayRetry = ({ failures, sinceFailureMs }: Slot) => sinceFailureMs >= retryAfterMs(failures)

/** Is it time to start elsewhere what runs on a worker that is lost? */
const failoverIsDue = (worker: SlotWorker, { policy: { failover }, brake }: Circumstances): boolean => {
  if (worker.moveByHand) return true
  if (brake || failover.kind === "by-hand") return false
  return failover.kind === "at-once" || worker.lostForMs >= failover.minutes * 60_000
}

const isFenced = (worker: SlotWorker, { fencingForMs }: Circumstances): boolean =>
  worker.lost && Math.min(worker.lostForMs, fencingForMs) >= fenceMs

const place = (reason: PlacementReason, from: SlotPlacement): Move => ({
  do: "place",
  reason,
  replaces: from.id,
  avoid: [from.worker.id],
})

/** Nothing of it runs, or none that counts. */
const repair = (slot: Slot, circumstances: Circumstances): Move => {
  if (slot.yields) return nothing
  if (slot.volume !== null && slot.former.some(({ worker }) => !isFenced(worker, circumstances)))
    return stuck("its old copy has not ended yet")
  return mayRetry(slot) ? { do: "place", reason: "repair", replaces: null, avoid: [] } : nothing
}

const failOver = (slot: Slot, only: SlotPlacement, circumstances: Circumstances): Move => {
  const { worker } = only
  if (slot.volume?.whenWorkerIsLost === "wait")
    return stuck(`its data is on ${worker.name}, and it shall wait for it`)
  if (!failoverIsDue(worker, circumstances)) return nothing
  if (slot.volume === null) return mayRetry(slot) ? place("failover", only) : nothing
  // Two copies of it would be two truths: the old one has to be known to have ended.
  return isFenced(worker, circumstances)
    ? { do: "end", placement: only.id, failed: false, why: "its lease on a lost worker is over" }
    : stuck(`it may still run on ${worker.name}`)
}

const drain = (slot: Slot, only: SlotPlacement): Move => {
  if (slot.volume?.whenWorkerIsLost === "wait")
    return stuck(`its data is on ${only.worker.name}, and it shall stay with it`)
  if (slot.volume !== null)
    return { do: "end", placement: only.id, failed: false, why: "it starts elsewhere with an empty volume" }
  return mayRetry(slot) ? place("drain", only) : nothing
}

const alone = (slot: Slot, only: SlotPlacement, circumstances: Circumstances): Move => {
  if (only.worker.lost) return failOver(slot, only, circumstances)
  if (only.state === "starting" && only.healthy) return { do: "serve", placement: only.id }
  return only.worker.leaving ? drain(slot, only) : nothing
}

/** Two of it: the new one takes over when it is healthy, unless it is not needed any more. */
const pair = (old: SlotPlacement, fresh: SlotPlacement, { patienceMs }: Circumstances): Move => {
  if (fresh.healthy) return { do: "takeOver", by: fresh.id, from: old.id }
  const giveUp = (why: string, failed: boolean): Move => ({ do: "end", placement: fresh.id, failed, why })
  if (fresh.worker.lost) return giveUp(`${fresh.worker.name} was lost too`, true)
  if (fresh.ageMs > patienceMs) return giveUp(`it did not become healthy on ${fresh.worker.name}`, true)
  const oldServes = !old.worker.lost && !old.worker.leaving && old.healthy
  return oldServes ? giveUp(`${old.worker.name} is back`, false) : nothing
}

/** What is to be done about one instance now; the same facts give the same answer, so it may be asked at any time. */
export const nextMove = (slot: Slot, circumstances: Circumstances): Move => {
  const [first, ...others] = slot.placements
  if (first === undefined) return repair(slot, circumstances)
  if (others.length === 0) return alone(slot, first, circumstances)
  const fresh = others.find(({ replaces }) => replaces !== null) ?? others[0]!
  const old = slot.placements.find(({ id }) => id === fresh.replaces) ?? first
  return pair(old, fresh, circumstances)
}
