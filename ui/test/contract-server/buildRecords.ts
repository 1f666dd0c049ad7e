import type { BuildHistory, BuildRecord } from "@skypanel/contract/BuildRecord"
import { buildsSource, type Deployment } from "@skypanel/contract/Deployment"

const stateOf = ({ status }: Deployment): BuildRecord["state"] => {
  if (status === "queued") return "waiting"
  if (status === "building") return "running"
  return status === "failed" || status === "canceled" ? status : "succeeded"
}

const recordOf = (deployment: Deployment, logLines: number): BuildRecord => ({
  deployment: deployment.number,
  state: stateOf(deployment),
  trigger: deployment.trigger,
  startedBy: deployment.createdBy,
  source: deployment.source,
  revision: deployment.revision,
  author: deployment.revision === null ? null : "Ada Lovelace",
  subject: deployment.revision === null ? null : "Compute the numbers of Bernoulli",
  builder: "fsn1-a",
  queuedAt: deployment.createdAt,
  startedAt: deployment.createdAt,
  finishedAt: deployment.finishedAt,
  phases: [
    { name: "waiting", ms: 120 },
    { name: "fetching", ms: 900 },
    { name: "building", ms: 9_000 + 2_500 * (deployment.number % 5) },
  ],
  failure: deployment.failure && { code: deployment.failure.code, title: deployment.failure.title },
  release: deployment.release,
  unchanged: false,
  addedBytes: deployment.release === null ? null : 184_320,
  keptBytes: deployment.release === null ? null : 92_160,
  learned: [],
  logLines,
  logRemovedAt: null,
})

export const historyOf = (
  deployments: readonly Deployment[],
  logs: ReadonlyMap<number, readonly unknown[]>,
  query: { readonly before?: number; readonly limit?: number; readonly state?: BuildRecord["state"] },
): BuildHistory => {
  const limit = query.limit ?? 50
  const found = deployments
    .filter(
      ({ trigger, number }) => buildsSource(trigger) && number < (query.before ?? Number.POSITIVE_INFINITY),
    )
    .map((deployment) => recordOf(deployment, logs.get(deployment.number)?.length ?? 0))
    .filter(({ state }) => query.state === undefined || state === query.state)
  const builds = found.slice(0, limit)
  return { builds, next: found.length > limit ? builds.at(-1)!.deployment : null }
}
