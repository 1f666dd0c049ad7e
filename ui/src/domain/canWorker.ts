import type { Worker, WorkerState } from "@skypanel/contract/Worker"

/** What an order depends on. */
export type Orderable = Pick<Worker, "state" | "availability">

export type WorkerAction = keyof typeof canWorker

const lost: readonly WorkerState[] = ["suspect", "unhealthy"]
const unreachable: readonly WorkerState[] = ["joining", "suspect", "unhealthy", "quarantined", "stopped"]

const removed = "It is removed."
const leaving = "It is being removed."

const gone = ({ state, availability }: Orderable): string | null =>
  state === "removed" ? removed : availability === "remove" ? leaving : null

/** Why an order cannot be given to a worker now, as a sentence; null when it can. The platform decides; this mirrors it. */
export const canWorker = {
  drain: (worker: Orderable): string | null =>
    gone(worker) ??
    (worker.availability === "drain"
      ? worker.state === "drained"
        ? "It is drained already."
        : "It is being drained."
      : null),
  undrain: (worker: Orderable): string | null =>
    gone(worker) ?? (worker.availability === "drain" ? null : "It is not drained."),
  moveServices: (worker: Orderable): string | null =>
    gone(worker) ??
    (lost.includes(worker.state) ? null : "Only for a worker that is lost; this one can be drained."),
  readmit: (worker: Orderable): string | null =>
    gone(worker) ?? (worker.state === "quarantined" ? null : "It is not quarantined."),
  remove: (worker: Orderable): string | null => gone(worker),
  /** Also while it is being removed: it may never become empty. */
  removeByForce: (worker: Orderable): string | null =>
    worker.state === "removed"
      ? removed
      : worker.availability === "remove" || unreachable.includes(worker.state)
        ? null
        : "It answers: remove it, and nothing is lost.",
  update: (worker: Orderable): string | null => gone(worker),
  replaceIdentity: (worker: Orderable): string | null => gone(worker),
}
