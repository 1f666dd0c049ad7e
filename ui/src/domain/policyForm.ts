import type { FleetPolicy, ScalingPolicy, ScalingTrigger } from "@skypanel/contract/Fleet"
import type { FieldIssue } from "./serviceForm.ts"
import type { Read } from "./serviceRequest.ts"

/** The fields that hold a whole number, by their path in the policy. */
export const numberFields = [
  "failover.minutes",
  "suspectAfterSeconds",
  "unhealthyAfterSeconds",
  "flapping.times",
  "flapping.withinMinutes",
  "flapping.forMinutes",
  "alerts.cpuPercent",
  "alerts.memoryPercent",
  "alerts.diskPercent",
  "alerts.forSeconds",
  "drainMinutes",
  "warmMiB",
  "images.mostMiB",
  "images.diskPercent",
  "images.releases",
  "scaling.workersMost",
  "scaling.pauseMinutes",
] as const
export type NumberField = (typeof numberFields)[number]

/** What stands in the fields of the policy, as it was typed. */
export interface PolicyForm {
  readonly failover: FleetPolicy["failover"]["kind"]
  readonly numbers: Readonly<Record<NumberField, string>>
  readonly scaling: boolean
  readonly on: readonly ScalingTrigger[]
  readonly provider: ScalingPolicy["provider"]
  readonly plan: string
  readonly region: string
}

export const formOfPolicy = (policy: FleetPolicy): PolicyForm => {
  const { failover, flapping, alerts, scaling } = policy
  return {
    failover: failover.kind,
    numbers: {
      "failover.minutes": String(failover.kind === "after" ? failover.minutes : 5),
      suspectAfterSeconds: String(policy.suspectAfterSeconds),
      unhealthyAfterSeconds: String(policy.unhealthyAfterSeconds),
      "flapping.times": String(flapping.times),
      "flapping.withinMinutes": String(flapping.withinMinutes),
      "flapping.forMinutes": String(flapping.forMinutes),
      "alerts.cpuPercent": String(alerts.cpuPercent),
      "alerts.memoryPercent": String(alerts.memoryPercent),
      "alerts.diskPercent": String(alerts.diskPercent),
      "alerts.forSeconds": String(alerts.forSeconds),
      drainMinutes: String(policy.drainMinutes),
      warmMiB: String(policy.warmMiB),
      "images.mostMiB": String(policy.images.mostMiB),
      "images.diskPercent": String(policy.images.diskPercent),
      "images.releases": String(policy.images.releases),
      "scaling.workersMost": String(scaling?.workersMost ?? 10),
      "scaling.pauseMinutes": String(scaling?.pauseMinutes ?? 30),
    },
    scaling: scaling !== null,
    on: scaling?.on ?? ["no-capacity"],
    provider: scaling?.provider ?? "linode",
    plan: scaling?.plan ?? "",
    region: scaling?.region ?? "",
  }
}

/** A field that is not shown is not read. */
const isRead = (form: PolicyForm, field: NumberField): boolean => {
  if (field === "failover.minutes") return form.failover === "after"
  return form.scaling || !field.startsWith("scaling.")
}

/** The policy that the fields describe, or the fields that hold no whole number. */
export const readPolicy = (form: PolicyForm): Read<FleetPolicy> => {
  const issues = numberFields
    .filter((field) => isRead(form, field) && !/^\s*\d{1,9}\s*$/.test(form.numbers[field]))
    .map((path): FieldIssue => ({ path, message: "write a whole number" }))
  if (issues.length > 0) return { issues }
  const number = (field: NumberField) => Number(form.numbers[field])
  return {
    issues: null,
    request: {
      failover:
        form.failover === "after"
          ? { kind: "after", minutes: number("failover.minutes") }
          : { kind: form.failover },
      suspectAfterSeconds: number("suspectAfterSeconds"),
      unhealthyAfterSeconds: number("unhealthyAfterSeconds"),
      flapping: {
        times: number("flapping.times"),
        withinMinutes: number("flapping.withinMinutes"),
        forMinutes: number("flapping.forMinutes"),
      },
      alerts: {
        cpuPercent: number("alerts.cpuPercent"),
        memoryPercent: number("alerts.memoryPercent"),
        diskPercent: number("alerts.diskPercent"),
        forSeconds: number("alerts.forSeconds"),
      },
      drainMinutes: number("drainMinutes"),
      warmMiB: number("warmMiB"),
      images: {
        mostMiB: number("images.mostMiB"),
        diskPercent: number("images.diskPercent"),
        releases: number("images.releases"),
      },
      scaling: form.scaling
        ? {
            on: form.on,
            provider: form.provider,
            plan: form.plan.trim(),
            region: form.region.trim(),
            workersMost: number("scaling.workersMost"),
            pauseMinutes: number("scaling.pauseMinutes"),
          }
        : null,
    },
  }
}
