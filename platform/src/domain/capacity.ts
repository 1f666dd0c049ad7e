import { formatSize, type Resources } from "@skypanel/contract/Resources"
import type { Capacity } from "@skypanel/contract/Worker"

/** The most of each that one worker has, over the workers given; null when there is none. */
export const largest = (workers: ReadonlyArray<Capacity>): Capacity | null =>
  workers.length === 0
    ? null
    : {
        cpu: Math.max(...workers.map((worker) => worker.cpu)),
        memoryBytes: Math.max(...workers.map((worker) => worker.memoryBytes)),
        diskBytes: Math.max(...workers.map((worker) => worker.diskBytes)),
      }

const fits = (resources: Resources, worker: Capacity): boolean =>
  resources.cpu <= worker.cpu &&
  resources.memoryBytes <= worker.memoryBytes &&
  resources.storageBytes <= worker.diskBytes

/** Why no worker could ever run this, in words; null when one could, or when no worker is known yet. */
export const whyTooLarge = (resources: Resources, workers: ReadonlyArray<Capacity>): string | null => {
  const most = largest(workers)
  if (most === null || workers.some((worker) => fits(resources, worker))) return null
  if (resources.cpu > most.cpu)
    return `No worker has ${resources.cpu} CPU cores; the largest has ${most.cpu}.`
  if (resources.memoryBytes > most.memoryBytes)
    return `No worker has ${formatSize(resources.memoryBytes)} of memory; the largest has ${formatSize(most.memoryBytes)}.`
  if (resources.storageBytes > most.diskBytes)
    return `No worker has ${formatSize(resources.storageBytes)} of storage; the largest has ${formatSize(most.diskBytes)}.`
  return "No one worker has that much CPU, memory and storage together."
}
