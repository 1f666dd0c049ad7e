import type { BuildHistory, BuildRecord } from "@skypanel/contract/BuildRecord"
import { buildsSource, type Deployment } from "@skypanel/contract/Deployment"
import type { Held } from "./fakeRows.ts"

const stateOf = ({ status }: Deployment): BuildRecord["state"] => {
  if (status === "queued") return "waiting"
  if (status === "building") return "running"
  return status === "failed" || status === "canceled" ? status : "succeeded"
}

const recordOf = (deployment: Deployment): BuildRecord => ({
  deployment: deployment.number,
  state: stateOf(deployment),
  trigger: deployment.trigger,
  startedBy: deployment.createdBy,
  source: deployment.source,
  revision: "0123456789abcdef0123456789abcdef01234567",
  author: "Ada Lovelace",
  subject: `Change ${deployment.number}`,
  builder: "fsn1-a",
  queuedAt: deployment.createdAt,
  startedAt: deployment.createdAt,
  finishedAt: deployment.finishedAt,
  phases: [
    { name: "waiting", ms: 300 },
    { name: "fetching", ms: 1200 },
    { name: "building", ms: 61_000 },
  ],
  failure: deployment.failure && { code: deployment.failure.code, title: deployment.failure.title },
  release: deployment.release,
  unchanged: false,
  addedBytes: 3 * 2 ** 20,
  keptBytes: deployment.release === null ? null : 2 ** 20,
  logLines: 40,
  learned:
    deployment.number === 1
      ? [
          {
            kind: "go-modules",
            subject: "go.sum",
            lock: `sha256:${"ab".repeat(32)}`,
            hash: `sha256-${"A".repeat(43)}=`,
            learned: true,
          },
        ]
      : [],
  logRemovedAt: null,
})

export const fakeHistory = (
  { deployments }: Held,
  query: {
    readonly before?: number
    readonly limit?: number
    readonly state?: BuildRecord["state"]
  },
): BuildHistory => {
  const limit = query.limit ?? 50
  const found = deployments
    .filter(
      ({ trigger, number }) => buildsSource(trigger) && number < (query.before ?? Number.POSITIVE_INFINITY),
    )
    .map(recordOf)
    .filter(({ state }) => query.state === undefined || state === query.state)
  const builds = found.slice(0, limit)
  return { builds, next: found.length > limit ? builds.at(-1)!.deployment : null }
}
