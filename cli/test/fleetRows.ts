import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import {
  type CreatedInstallation,
  type CreateInstallation,
  defaultRoles,
  type Installation,
  installationMinutes,
} from "@skypanel/contract/Installation"
import type { Worker, WorkerInstance, WorkerSample } from "@skypanel/contract/Worker"
import { instant, type Mutable } from "./fakeRows.ts"
import { idOf, session, workers } from "./fixtures.ts"

const MiB = 1024 * 1024
const minute = 60_000

export const later = (minutes: number) => new Date(Date.now() + minutes * minute).toISOString()

/** An active worker without anything on it. */
export const newWorker = (
  count: number,
  of: Partial<Worker> & { readonly name: string },
): Mutable<Worker> => ({
  ...workers[0]!,
  id: idOf("wrk", count) as Worker["id"],
  development: false,
  roles: defaultRoles,
  labels: {},
  region: null,
  instances: 0,
  reserved: { cpu: 0, memoryBytes: 0 },
  createdAt: instant(),
  ...of,
})

export const newWorkerInstance = (count: number, service: string): WorkerInstance => ({
  placementId: idOf("plc", count) as WorkerInstance["placementId"],
  deploymentId: idOf("dep", count) as WorkerInstance["deploymentId"],
  serviceId: idOf("svc", count) as WorkerInstance["serviceId"],
  organizationId: session.organizations[0]!.id as WorkerInstance["organizationId"],
  organization: "acme",
  service,
  slot: 0,
  state: "serving",
  healthy: true,
  probe: "GET / answered 200 in 3 ms",
  movesTo: null,
  since: instant(),
})

/** One a minute up to now; the CPU rises by one per cent with each. */
export const newSamples = (count: number): ReadonlyArray<WorkerSample> =>
  Array.from({ length: count }, (_, index) => ({
    at: later(index + 1 - count),
    cpuPercent: index + 1,
    memoryUsedBytes: 2048 * MiB,
    diskUsedBytes: 8192 * MiB,
    load1: 0.5,
    instances: 1,
  }))

export const newInstallation = (
  count: number,
  request: CreateInstallation,
  replaces: string | null,
): Mutable<Installation> => ({
  id: idOf("ins", count) as Installation["id"],
  name: request.name ?? null,
  roles: request.roles ?? defaultRoles,
  labels: request.labels ?? {},
  region: request.region ?? null,
  runtime: request.runtime ?? "deno",
  allowFrom: request.allowFrom ?? null,
  replaces,
  state: "open",
  createdBy: session.user.email,
  createdAt: instant(),
  expiresAt: later(installationMinutes),
  worker: null,
})

export const created = (installation: Installation): CreatedInstallation => ({
  installation,
  token: "t".repeat(43),
  command: `curl -fsSL http://127.0.0.1:8080/install/${"t".repeat(43)} | sh`,
  script: "#!/bin/sh\nset -eu\n\techo hello\n",
  nixos: 'services.skypanel.worker = {\n  enable = true;\n  tokenFile = "/root/skypanel-token";\n};\n',
})

export const newAuditEvent = (count: number, action: string, text: string, worker: string): AuditEvent => ({
  id: idOf("aud", count) as AuditEvent["id"],
  at: instant(),
  actor: session.user.email,
  action,
  text,
  worker,
  tone: "info",
})
