import type { BuildRecord } from "@skypanel/contract/BuildRecord"
import type { Deployment, DeploymentFailure, DeploymentStatus } from "@skypanel/contract/Deployment"
import { stepNames } from "@skypanel/contract/Deployment"
import type { LogLine } from "@skypanel/contract/Log"
import type { Service } from "@skypanel/contract/Service"
import { LogBuffer } from "../domain/LogBuffer.ts"

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

/** What the demo page shows its elements with. Nothing of it comes from a platform. */
const base: Deployment = {
  id: "dep_000000000000000000000000" as Deployment["id"],
  serviceId: "svc_000000000000000000000000" as Deployment["serviceId"],
  number: 7,
  trigger: "redeploy",
  status: "live",
  steps: [],
  source: { _tag: "git", url: "https://git.example.org/acme/shop.git", ref: "main" },
  revision: "3f2c9e1b7a6d5c4b3a29181706f5e4d3c2b1a090",
  recognisedAs: "package-lock.json → npm; script `start` → node server.js",
  environment: {},
  secrets: [],
  resources: { cpu: 0.5, memoryBytes: 512 * 2 ** 20, storageBytes: 64 * 2 ** 20 },
  port: 8080,
  healthPath: "/health",
  replicas: 2,
  volume: null,
  release: 6,
  failure: null,
  returned: null,
  receipt: null,
  createdBy: "ada@example.org",
  createdAt: minutesAgo(2),
  finishedAt: null,
}

const tookMs = [300, 14_200, 2100, 3900, 800]

/** A deployment that stands at this step (0 to 4), or has passed them all (5). */
export const deploymentAt = (
  status: DeploymentStatus,
  at: number,
  failure: DeploymentFailure | null,
): Deployment => {
  const ended = status === "live" || status === "failed" || status === "canceled"
  const start = Date.now() - 120_000
  let time = start
  const steps = stepNames.map((name, index): Deployment["steps"][number] => {
    const startedAt = new Date(time).toISOString()
    time += tookMs[index]!
    const finishedAt = new Date(time).toISOString()
    const expectedMs = index === 0 ? null : Math.round(tookMs[index]! * 1.1)
    if (index < at) return { name, state: "done", startedAt, finishedAt, expectedMs, detail: null }
    if (index > at)
      return { name, state: "pending", startedAt: null, finishedAt: null, expectedMs, detail: null }
    if (ended)
      return { name, state: failure ? "failed" : "skipped", startedAt, finishedAt, expectedMs, detail: null }
    return {
      name,
      state: "running",
      startedAt: minutesAgo(0.1),
      finishedAt: null,
      expectedMs,
      detail: "on worker fsn1-a",
    }
  })
  return {
    ...base,
    status,
    steps,
    failure,
    createdAt: new Date(start).toISOString(),
    finishedAt: ended ? new Date(time).toISOString() : null,
    receipt:
      status === "live"
        ? { seconds: 21.3, imageBytes: 118_489_088, layers: 42, newBytes: 184_320, newLayers: 1 }
        : null,
  }
}

const live = deploymentAt("live", 5, null)
export const unchangedDeployment: Deployment = {
  ...live,
  release: 7,
  receipt: { seconds: 2.1, imageBytes: 118_489_088, layers: 42, newBytes: 0, newLayers: 0, unchanged: true },
}

export const failure: DeploymentFailure = {
  step: "building",
  code: "build-failed",
  title: "The build of shop ended with exit code 1.",
  detail: "npm run build failed while it compiled src/index.ts.",
  next: "Correct the error and deploy again.",
  lines: [
    "shop> src/index.ts(14,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    "error: builder for '/nix/store/1k2j3h4g5f6d7s8a-shop.drv' failed with exit code 1",
  ],
  location: { file: "src/index.ts", line: 14, column: 7 },
}

export const serviceIn = (state: Service["state"]): Service => ({
  id: "svc_000000000000000000000000" as Service["id"],
  organizationId: "org_000000000000000000000000" as Service["organizationId"],
  name: "shop",
  state,
  url: "http://shop-acme.localhost:8000",
  source: base.source,
  environment: {},
  secrets: [],
  resources: base.resources,
  port: 8080,
  healthPath: "/health",
  replicas: 2,
  volume: null,
  public: true,
  stack: null,
  watchSeconds: 300,
  keptReleases: null,
  hourlyPrice: 8209,
  release: state === "deploying" || state === "failed" ? null : 6,
  deployment: null,
  instances: [],
  createdAt: minutesAgo(600),
})

const texts = [
  "\u001b[1mbold\u001b[0m \u001b[2mdim\u001b[0m \u001b[3mitalic\u001b[0m \u001b[4munderlined\u001b[0m",
  ...[31, 32, 33, 34, 35, 36].map(
    (code) => `\u001b[${code}mcolour ${code}\u001b[0m \u001b[${code + 10}mground ${code + 10}\u001b[0m`,
  ),
  "\u001b[38;5;208mone of 256\u001b[0m \u001b[38;2;120;80;220mone of 16 million\u001b[0m",
  "<b>markup stays text</b> <script>alert(1)</script>",
  `a long line ${"that goes on ".repeat(30)}`,
]

export const demoLog = (): LogBuffer => {
  const buffer = new LogBuffer()
  buffer.append(
    texts.map(
      (text, at): LogLine => ({
        seq: at + 1,
        at: minutesAgo(1),
        stream: (["stdout", "stderr", "note"] as const)[at % 3]!,
        text,
        origin: "demo",
      }),
    ),
  )
  return buffer
}

const demoBuild = (deployment: number, state: BuildRecord["state"], ms: number): BuildRecord => ({
  deployment,
  state,
  trigger: "push",
  startedBy: "ada@example.org",
  source: base.source,
  revision: null,
  author: null,
  subject: null,
  builder: "fsn1-a",
  queuedAt: base.createdAt,
  startedAt: base.createdAt,
  finishedAt: base.createdAt,
  phases: [
    { name: "waiting", ms: 200 },
    { name: "building", ms },
  ],
  failure: null,
  release: null,
  unchanged: false,
  addedBytes: null,
  keptBytes: null,
  logLines: 0,
  learned: [],
  logRemovedAt: null,
})

export const demoBuilds: readonly BuildRecord[] = [
  demoBuild(5, "running", 4_000),
  demoBuild(4, "succeeded", 21_000),
  demoBuild(3, "failed", 9_000),
  demoBuild(2, "canceled", 2_000),
  demoBuild(1, "succeeded", 64_000),
]
