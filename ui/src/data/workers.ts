import type { Worker } from "@skypanel/contract/Worker"
import { call, client } from "./client.ts"

export const readWorkers = (signal?: AbortSignal): Promise<readonly Worker[]> =>
  call(client.workers.list(), signal)
