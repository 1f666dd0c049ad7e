import type { Worker } from "@skypanel/contract/Worker"
import { type LabelRow, rowsOfLabels } from "./labelsForm.ts"

/** What of a worker can be changed, as it was typed. */
export interface WorkerForm {
  readonly name: string
  readonly region: string
  readonly labels: readonly LabelRow[]
}

export const formOfWorker = ({ name, region, labels }: Worker): WorkerForm => ({
  name,
  region: region ?? "",
  labels: rowsOfLabels(labels),
})
