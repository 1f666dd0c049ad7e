import type { WorkerId } from "@skypanel/contract/Id"
import type { Slot, SlotPlacement, SlotWorker } from "../domain/workers/moves.ts"
import type { SlotRow } from "../store/Placements.ts"
import type { FleetWatch, Watched } from "./FleetWatch.ts"
import type { Judge } from "./Judge.ts"

const gone = (id: WorkerId): SlotWorker => ({
  id,
  name: "a removed worker",
  lost: true,
  lostForMs: Number.POSITIVE_INFINITY,
  leaving: true,
  moveByHand: true,
})

const workerOf = (id: WorkerId, watch: FleetWatch["Service"], judge: Judge["Service"]): SlotWorker => {
  const of: Watched | undefined = watch.get(id)
  if (of === undefined) return gone(id)
  const lost = judge.isLost(of)
  return {
    id,
    name: of.row.name,
    lost,
    lostForMs: lost ? performance.now() - of.heardAt : 0,
    leaving: of.row.availability !== "active",
    moveByHand: of.row.move_services,
  }
}

/** A slot's row with what is known of its workers now: all that decides about it. */
export const slotOf = (row: SlotRow, watch: FleetWatch["Service"], judge: Judge["Service"]): Slot => {
  const all = row.placements ?? []
  const active = all.filter(({ state }) => state === "starting" || state === "serving")
  const over = all.filter(({ state }) => state === "leaving" || state === "ended")
  const newest = over.findLast(({ state }) => state === "ended")
  // A row of replacements that never were healthy: each makes the next wait longer.
  const failures = over.length - (over.findLastIndex(({ was_healthy }) => was_healthy) + 1)
  return {
    placements: active.map(
      (placement): SlotPlacement => ({
        id: placement.id,
        worker: workerOf(placement.worker_id, watch, judge),
        state: placement.state === "starting" ? "starting" : "serving",
        reason: placement.reason,
        replaces: placement.replaces,
        healthy: placement.healthy,
        ageMs: placement.age_seconds * 1000,
      }),
    ),
    volume: row.volume,
    former: over
      .filter((placement) => !placement.gone)
      .map(({ worker_id }) => ({ worker: workerOf(worker_id, watch, judge) })),
    yields: row.yields,
    failures,
    sinceFailureMs:
      newest === undefined || newest.was_healthy
        ? Number.POSITIVE_INFINITY
        : (newest.ended_seconds ?? 0) * 1000,
  }
}
