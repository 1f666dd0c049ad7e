import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import { UpdateWorker } from "@skypanel/contract/api/WorkersGroup"
import type { Worker, WorkerInstance, WorkerSample } from "@skypanel/contract/Worker"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

/** `search` is a part of a name, region, label or state. */
export const readWorkers = (search: string, signal?: AbortSignal): Promise<readonly Worker[]> =>
  call(client.workers.list({ query: search === "" ? {} : { search } }), signal)

export const readWorker = (worker: string, signal?: AbortSignal): Promise<Worker> =>
  call(client.workers.get({ params: { worker } }), signal)

export const readWorkerInstances = (
  worker: string,
  signal?: AbortSignal,
): Promise<readonly WorkerInstance[]> => call(client.workers.instances({ params: { worker } }), signal)

/** Null: it has not said. */
export const readWorkerImages = (worker: string, signal?: AbortSignal): Promise<WorkerImages | null> =>
  call(client.workers.images({ params: { worker } }), signal)

export const readWorkerHistory = (
  worker: string,
  hours: number,
  signal?: AbortSignal,
): Promise<readonly WorkerSample[]> =>
  call(client.workers.history({ params: { worker }, query: { hours } }), signal)

export const readWorkerEvents = (worker: string, signal?: AbortSignal): Promise<readonly AuditEvent[]> =>
  call(client.workers.events({ params: { worker } }), signal)

export const updateWorker = async (worker: string, request: UpdateWorker): Promise<Worker> =>
  call(client.workers.update({ params: { worker }, payload: checked(UpdateWorker, request) }))

export const drainWorker = (worker: string): Promise<Worker> =>
  call(client.workers.drain({ params: { worker }, payload: {} }))

export const undrainWorker = (worker: string): Promise<Worker> =>
  call(client.workers.undrain({ params: { worker } }))

/** With `force` also while the brake holds. */
export const moveServices = (worker: string, force: boolean): Promise<Worker> =>
  call(client.workers.moveServices({ params: { worker }, payload: force ? { force } : {} }))

export const readmitWorker = (worker: string): Promise<Worker> =>
  call(client.workers.readmit({ params: { worker } }))

/** With `force` at once, for a machine that is gone for good. */
export const removeWorker = (worker: string, force: boolean): Promise<Worker> =>
  call(client.workers.remove({ params: { worker }, query: force ? { force: "true" } : {} }))
