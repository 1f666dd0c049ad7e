import type { Worker, WorkerInstance, WorkerSample } from "@skypanel/contract/Worker"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"
import { fakeId, minutesAgo, type Writable } from "./ids.ts"
import { packageSet } from "./scenery.ts"

const MiB = 1024 * 1024
const GiB = 1024 * MiB

export const agentVersion = "0.2.0"

export const versions = {
  agent: agentVersion,
  runtime: "Deno 2.9.6",
  docker: "20.10.24",
  nix: "2.8.0",
  haproxy: "2.6.12-1+deb12u4",
}

export const makeWorker = (name: string, rest: Partial<Worker> = {}): Writable<Worker> => ({
  id: fakeId("wrk"),
  name,
  development: false,
  roles: ["services", "ingress"],
  labels: { disk: "ssd" },
  region: name.split("-")[0] ?? null,
  state: "active",
  reason: "",
  stateSince: minutesAgo(60 * 24 * 3),
  availability: "active",
  takesNew: true,
  drain: null,
  quarantinedUntil: null,
  capacity: { cpu: 8, memoryBytes: 32 * GiB, diskBytes: 400 * GiB },
  reserved: { cpu: 4.25, memoryBytes: 14 * GiB },
  health: { load1: 1.2, cpuPercent: 23, memoryUsedBytes: 11_674 * MiB, diskUsedBytes: 96 * GiB },
  versions,
  origin: "bundle",
  packageSet: null,
  address: "192.0.2.17:8000",
  instances: 3,
  builds: 0,
  alerts: [],
  lastHeartbeatAt: minutesAgo(0.2),
  createdAt: minutesAgo(60 * 24 * 12),
  ...rest,
})

/** One worker in each state. */
export const sceneryWorkers = (): Writable<Worker>[] => [
  makeWorker("embedded", {
    development: true,
    roles: ["services", "ingress", "builder"],
    region: null,
    origin: "development",
    packageSet,
    builds: 1,
  }),
  makeWorker("fsn1-a", {
    instances: 17,
    health: { load1: 6.9, cpuPercent: 93, memoryUsedBytes: 31_334 * MiB, diskUsedBytes: 180 * GiB },
    reserved: { cpu: 9.5, memoryBytes: 28 * GiB },
    alerts: ["cpu", "memory"],
  }),
  makeWorker("fsn1-b", {
    state: "suspect",
    reason: "Silent for 9 s; its proxy does not answer.",
    stateSince: minutesAgo(0.15),
    takesNew: false,
    instances: 4,
  }),
  makeWorker("fsn1-c", {
    state: "draining",
    availability: "drain",
    stateSince: minutesAgo(4),
    takesNew: false,
    instances: 5,
    drain: {
      startedAt: minutesAgo(4),
      deadlineAt: minutesAgo(-11),
      startedBy: "ada@example.org",
      total: 12,
      left: 5,
      stuck: [
        {
          service: "postgres",
          organization: "initech",
          reason: "Its volume is only here, and it may not start empty.",
        },
      ],
    },
  }),
  makeWorker("hel1-a", {
    state: "drained",
    availability: "drain",
    stateSince: minutesAgo(60),
    takesNew: false,
    instances: 0,
    reserved: { cpu: 0, memoryBytes: 0 },
    drain: {
      startedAt: minutesAgo(70),
      deadlineAt: minutesAgo(55),
      startedBy: "ada@example.org",
      total: 8,
      left: 0,
      stuck: [],
    },
  }),
  makeWorker("hel1-b", {
    state: "quarantined",
    reason: "Lost 3 times within 10 min.",
    stateSince: minutesAgo(3),
    quarantinedUntil: minutesAgo(-7),
    takesNew: false,
    instances: 0,
  }),
  makeWorker("hel1-c", {
    state: "unhealthy",
    reason: "No heartbeat for 14 min.",
    stateSince: minutesAgo(12),
    lastHeartbeatAt: minutesAgo(14),
    takesNew: false,
    instances: 0,
    roles: ["builder"],
    packageSet: {
      kind: "nixpkgs",
      reference: "github:NixOS/nixpkgs/a5cc6f2c37bf518436dc8d1c288ccd0c43c2f4c4",
      reason: "as configured",
    },
  }),
  makeWorker("nbg1-a", {
    state: "degraded",
    reason: "The network rules that part organizations are missing.",
    stateSince: minutesAgo(2),
    takesNew: false,
    instances: 6,
    versions: { ...versions, agent: "0.1.0" },
  }),
  makeWorker("nbg1-b", {
    state: "stopped",
    reason: "Its agent was stopped on the machine.",
    stateSince: minutesAgo(33),
    lastHeartbeatAt: minutesAgo(33),
    takesNew: false,
    versions: { ...versions, agent: "0.1.0" },
    origin: "nixos",
  }),
  makeWorker("nbg1-new", {
    state: "joining",
    reason: "It waits for its first health report.",
    stateSince: minutesAgo(0.3),
    takesNew: false,
    capacity: null,
    reserved: { cpu: 0, memoryBytes: 0 },
    health: null,
    versions: null,
    origin: null,
    address: null,
    instances: 0,
    lastHeartbeatAt: null,
    createdAt: minutesAgo(0.3),
  }),
]

const services = ["shop", "api", "docs", "mailer", "queue", "search", "billing", "chat", "wiki"]

/** As many instances as the worker says; the last ones of a draining worker are on their way. */
export const instancesOf = (worker: Worker, moveTo: string | null): Writable<WorkerInstance>[] =>
  Array.from({ length: worker.instances }, (_, at) => ({
    placementId: fakeId("plc"),
    deploymentId: fakeId("dep"),
    serviceId: fakeId("svc"),
    organizationId: fakeId("org"),
    organization: at % 3 === 2 ? "initech" : "acme",
    service: services[at % services.length]!,
    slot: Math.floor(at / services.length),
    state: at % 8 === 7 ? "starting" : "serving",
    healthy: at % 8 !== 7 && at % 6 !== 5,
    probe: at % 6 === 5 ? "GET /health answered 503 in 12 ms" : "GET /health answered 200 in 3 ms",
    movesTo: worker.state === "draining" && at < 2 ? moveTo : null,
    since: minutesAgo(30 * (at + 1)),
  }))

/** Waves, with a hole of half an hour two hours ago. */
export const historyOf = (worker: Worker, hours: number): readonly WorkerSample[] => {
  if (worker.capacity === null) return []
  const { memoryBytes, diskBytes } = worker.capacity
  const minutes = [
    ...Array.from({ length: Math.max(0, (hours - 3) * 6) }, (_, at) => hours * 60 - at * 10),
    ...Array.from({ length: Math.min(hours, 3) * 60 }, (_, at) => Math.min(hours, 3) * 60 - at),
  ].filter((minute) => minute < 100 || minute > 130)
  return minutes.map((minute) => {
    const wave = Math.sin(minute / 23) + Math.sin(minute / 7) / 3
    return {
      at: minutesAgo(minute),
      cpuPercent: Math.max(1, (worker.health?.cpuPercent ?? 20) * (0.75 + wave / 4)),
      memoryUsedBytes: Math.round(memoryBytes * (0.42 + wave / 30)),
      diskUsedBytes: Math.round(diskBytes * (0.3 - minute / 100_000)),
      load1: 1 + wave,
      instances: worker.instances,
    }
  })
}

export const imagesOf = ({ capacity, health }: Worker): WorkerImages | null =>
  capacity === null || health === null
    ? null
    : {
        bytes: 12 * GiB,
        count: 9,
        spare: 2,
        disk: { totalBytes: capacity.diskBytes, usedBytes: health.diskUsedBytes },
        removed: [
          {
            organization: "acme",
            service: "shop",
            digest: `sha256:${"4f".repeat(32)}`,
            freedBytes: 212 * MiB,
            at: minutesAgo(12),
          },
        ],
        problem: null,
      }
