import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import { type AgentUpgrade, type CommonImage, defaultFleetPolicy, type Fleet } from "@skypanel/contract/Fleet"
import type { Notification } from "@skypanel/contract/Notification"
import type { Drain, Worker, WorkerSample, WorkerState } from "@skypanel/contract/Worker"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
const GiB = 2 ** 30

const availabilityIn = (state: WorkerState): Worker["availability"] => {
  if (state === "draining" || state === "drained") return "drain"
  return state === "removed" ? "remove" : "active"
}

export const workerIn = (state: WorkerState): Worker => ({
  id: "wrk_000000000000000000000000" as Worker["id"],
  name: "fsn1-a",
  development: false,
  roles: ["services", "ingress"],
  labels: { disk: "ssd" },
  region: "fsn1",
  state,
  reason: "",
  stateSince: minutesAgo(90),
  availability: availabilityIn(state),
  takesNew: state === "active",
  drain: null,
  quarantinedUntil: null,
  capacity: { cpu: 8, memoryBytes: 32 * GiB, diskBytes: 400 * GiB },
  reserved: { cpu: 6, memoryBytes: 20 * GiB },
  health: { load1: 3, cpuPercent: 42, memoryUsedBytes: 14 * GiB, diskUsedBytes: 120 * GiB },
  versions: null,
  origin: "bundle",
  packageSet: null,
  address: "192.0.2.17:8000",
  instances: 7,
  builds: 0,
  alerts: [],
  lastHeartbeatAt: minutesAgo(0.3),
  createdAt: minutesAgo(9000),
})

/** Under way, stuck past its deadline, and done. */
export const demoDrains: readonly Drain[] = [
  {
    startedAt: minutesAgo(4),
    deadlineAt: minutesAgo(-11),
    startedBy: "ada@example.org",
    total: 12,
    left: 5,
    stuck: [],
  },
  {
    startedAt: minutesAgo(40),
    deadlineAt: minutesAgo(25),
    startedBy: "ada@example.org",
    total: 12,
    left: 1,
    stuck: [
      {
        service: "postgres",
        organization: "acme",
        reason: "Its volume is only here, and it may not start empty.",
      },
    ],
  },
  {
    startedAt: minutesAgo(90),
    deadlineAt: minutesAgo(75),
    startedBy: "ada@example.org",
    total: 8,
    left: 0,
    stuck: [],
  },
]

const upgradeIn = (state: AgentUpgrade["state"]): AgentUpgrade => ({
  id: "upg_000000000000000000000000" as AgentUpgrade["id"],
  version: "0.2.0",
  state,
  reason: state === "failed" ? "fsn1-b did not report back and runs 0.1.0 again." : "",
  startedBy: "ada@example.org",
  startedAt: minutesAgo(3),
  finishedAt: null,
  workers: [
    { worker: "fsn1-a", state: "done", from: "0.1.0", detail: "" },
    {
      worker: "fsn1-b",
      state: state === "failed" ? "reverted" : "upgrading",
      from: "0.1.0",
      detail: state === "failed" ? "It did not report back within 60 s." : "",
    },
    { worker: "fsn1-c", state: "waiting", from: "0.1.0", detail: "" },
    { worker: "hel1-a", state: "skipped", from: "0.1.0", detail: "Its own NixOS configuration decides." },
  ],
})

export const demoCommonImages: readonly CommonImage[] = [
  { digest: `sha256:${"4f".repeat(32)}`, bytes: 212 * 2 ** 20, layers: 6, services: 31, workers: 4 },
  { digest: `sha256:${"a1".repeat(32)}`, bytes: 88 * 2 ** 20, layers: 4, services: 5, workers: 1 },
]

const removedImage = {
  digest: `sha256:${"4f".repeat(32)}`,
  freedBytes: 212 * 2 ** 20,
  at: minutesAgo(12),
}

/** Roomy, and nearly full. */
export const demoWorkerImages: readonly WorkerImages[] = [
  {
    bytes: 12 * GiB,
    count: 9,
    spare: 4,
    disk: { totalBytes: 400 * GiB, usedBytes: 120 * GiB },
    removed: [],
    problem: null,
  },
  {
    bytes: 31 * GiB,
    count: 31,
    spare: 1,
    disk: { totalBytes: 50 * GiB, usedBytes: 47 * GiB },
    removed: [
      { organization: "acme", service: "shop", ...removedImage },
      { organization: null, service: null, ...removedImage },
    ],
    problem: "no answer in 60 s",
  },
]

const fleet = (outdated: number, upgrade: AgentUpgrade | null): Fleet => ({
  policy: defaultFleetPolicy,
  brake: null,
  agentVersion: "0.2.0",
  outdated: Array.from({ length: outdated }, () => workerIn("active").id),
  upgrade,
  common: demoCommonImages,
  warmWorkers: 4,
})

export const demoFleets: readonly Fleet[] = [
  fleet(3, null),
  fleet(2, upgradeIn("running")),
  fleet(2, upgradeIn("failed")),
]

export const demoSamples: readonly WorkerSample[] = Array.from({ length: 180 }, (_, at) => ({
  at: minutesAgo(180 - at),
  cpuPercent: 45 + 30 * Math.sin(at / 19) + 8 * Math.sin(at / 3),
  memoryUsedBytes: Math.round(14 * GiB + 2 * GiB * Math.sin(at / 40)),
  diskUsedBytes: 120 * GiB + at * 2 ** 24,
  load1: 2,
  instances: 7,
})).filter((_, at) => at < 80 || at > 110)

const tones = ["bad", "warn", "good", "info"] as const

export const demoNotifications: readonly Notification[] = tones.map((tone, at) => ({
  id: `ntf_00000000000000000000000${at}` as Notification["id"],
  kind: "worker-lost",
  tone,
  title: [
    "hel1-c is unhealthy.",
    "CPU of fsn1-a is nearly used up.",
    "hel1-a is drained.",
    "fsn1-d was added.",
  ][at]!,
  body: at < 2 ? "What is known, and what to do about it." : "",
  worker: "fsn1-a",
  path: at === 0 ? "/organizations/acme/services/shop/deployments/7" : null,
  at: minutesAgo(at * 20 + 1),
  read: at > 1,
}))

export const demoEvents: readonly AuditEvent[] = tones.map((tone, at) => ({
  id: `aud_00000000000000000000000${at}` as AuditEvent["id"],
  at: minutesAgo(at * 20 + 1),
  actor: at % 2 === 0 ? "SkyPanel" : "ada@example.org",
  action: ["worker.unhealthy", "worker.drain", "worker.drained", "fleet.policy"][at]!,
  text: [
    "No heartbeat for 2 min.",
    "Its drain was started.",
    "Everything was moved away.",
    "The policy was changed.",
  ][at]!,
  worker: at === 3 ? null : "fsn1-a",
  tone,
}))
