import type { FleetPolicy } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import { type PolicyKey, policyTexts } from "../policyKeys.ts"
import { table } from "./table.ts"
import type { View } from "./view.ts"

const failoverWords = (failover: FleetPolicy["failover"]): string => {
  switch (failover.kind) {
    case "at-once":
      return "The services of a worker that is lost are started elsewhere as soon as it is suspect."
    case "after":
      return `The services of a worker that is lost are started elsewhere after ${failover.minutes} minutes.`
    case "by-hand":
      return "The services of a worker that is lost stay where they are until an administrator moves them."
  }
}

const scalingWords = (scaling: FleetPolicy["scaling"]): Partial<Record<PolicyKey, string>> =>
  scaling === null
    ? { scaling: "Nothing is proposed when the workers are short of something." }
    : {
        "scaling.on": `Another worker is due when this runs short: ${scaling.on.join(", ")}.`,
        "scaling.provider": `It would come from ${scaling.provider}; for now administrators are told.`,
        "scaling.plan": `It would be a ${scaling.plan}.`,
        "scaling.region": `It would stand in ${scaling.region}.`,
        "scaling.most": `There are never more than ${scaling.workersMost} workers by this.`,
        "scaling.pause": `It is not due again within ${scaling.pauseMinutes} minutes.`,
      }

const imagesWords = ({
  mostMiB,
  diskPercent,
  releases,
}: FleetPolicy["images"]): Partial<Record<PolicyKey, string>> => ({
  "images.most":
    mostMiB === 0
      ? "Images may take what a worker's disk has."
      : `Images that a worker does not need go when all of them take more than ${formatSize(mostMiB * 1024 ** 2)},`,
  "images.disk": `${mostMiB === 0 ? "Those that it does not need go when" : "or"} more than ${diskPercent} % of their disk is in use;`,
  "images.releases": `those of the last ${releases} releases of each service there go last.`,
})

const words = (policy: FleetPolicy): Partial<Record<PolicyKey, string>> => ({
  failover: failoverWords(policy.failover),
  "suspect-after": `A worker that is silent for ${policy.suspectAfterSeconds} seconds is suspect.`,
  "unhealthy-after": `A worker without a heartbeat for ${policy.unhealthyAfterSeconds} seconds is unhealthy.`,
  "flapping.times": `A worker that was lost ${policy.flapping.times} times`,
  "flapping.within": `within ${policy.flapping.withinMinutes} minutes`,
  "flapping.for": `is kept out for ${policy.flapping.forMinutes} minutes.`,
  "alerts.cpu": `Administrators are told of a worker whose CPU is over ${policy.alerts.cpuPercent} %,`,
  "alerts.memory": `its memory over ${policy.alerts.memoryPercent} %,`,
  "alerts.disk": `or its disk over ${policy.alerts.diskPercent} %,`,
  "alerts.for": `for ${policy.alerts.forSeconds} seconds.`,
  "drain-deadline": `A drain that takes longer than ${policy.drainMinutes} minutes is reported as stuck; it goes on.`,
  warm:
    policy.warmMiB === 0
      ? "Workers keep nothing that services have in common."
      : `Workers keep up to ${formatSize(policy.warmMiB * 1024 ** 2)} of the layers that several services have in common.`,
  ...imagesWords(policy.images),
  ...scalingWords(policy.scaling),
})

/** Each key as `set` takes it, and what it means. */
export const policyWords = (policy: FleetPolicy, view: View): ReadonlyArray<string> => {
  const means = words(policy)
  return table<readonly [PolicyKey, string]>(
    [
      { title: "KEY", cell: ([key]) => key },
      { title: "VALUE", cell: ([, text]) => text },
      { title: "MEANS", cell: ([key]) => means[key] ?? "" },
    ],
    [...policyTexts(policy)],
    { width: null, head: view.style.dim },
  )
}
