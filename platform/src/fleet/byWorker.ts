import type { WorkerId } from "@skypanel/contract/Id"

/** What of the rows is each worker's, in their order. */
export const byWorker = <R extends { readonly worker_id: WorkerId }, A>(
  rows: ReadonlyArray<R>,
  of: (row: R) => A,
) => {
  const grouped = new Map<WorkerId, Array<A>>()
  for (const row of rows) {
    const those = grouped.get(row.worker_id)
    if (those === undefined) grouped.set(row.worker_id, [of(row)])
    else those.push(of(row))
  }
  return (worker: WorkerId): ReadonlyArray<A> => grouped.get(worker) ?? []
}
