import { type Failover, type FleetPolicy, ScalingPolicy, ScalingTrigger } from "@skypanel/contract/Fleet"
import { parseSize } from "@skypanel/contract/Resources"
import { parseDuration } from "./render/time.ts"

/** How the value of a key is written. `read` gives null for what is none; limits are the contract's. */
interface Kind {
  readonly written: string
  readonly read: (text: string) => unknown
}

const time = (unitMs: number, written: string): Kind => ({
  written,
  read: (text) => {
    const ms = parseDuration(text)
    return ms === null || ms % unitMs !== 0 ? null : ms / unitMs
  },
})
const seconds = time(1000, "write seconds or minutes, such as 6s or 2m")
const minutes = time(60_000, "write minutes or hours, such as 15m or 1h")

const whole = (pattern: RegExp, written: string): Kind => ({
  written,
  read: (text) => {
    const digits = pattern.exec(text)?.[1]
    return digits === undefined ? null : Number(digits)
  },
})
const count = whole(/^(\d{1,9})$/, "write a whole number, such as 3")
const share = whole(/^(\d{1,9})\s*%?$/, "write a share of 100, such as 90")

const MiB = 1024 ** 2
const size: Kind = {
  written: "write a size in whole MiB, such as 512MiB or 2GiB, or off",
  read: (text) => {
    const bytes = text === "off" ? 0 : parseSize(text)
    return bytes === null || bytes % MiB !== 0 ? null : bytes / MiB
  },
}

const words: Kind = { written: "write a name", read: (text) => (text === "" ? null : text) }
const provider: Kind = { ...words, written: `write ${ScalingPolicy.fields.provider.literals.join(" or ")}` }
const triggers: Kind = {
  written: `write one or more of ${ScalingTrigger.literals.join(", ")}, with commas between`,
  read: (text) => (text === "" ? null : text.split(",").map((word) => word.trim())),
}
const failover: Kind = {
  written: "write at-once, by-hand, or a time in minutes such as 5m",
  read: (text): Failover | null => {
    if (text === "at-once" || text === "by-hand") return { kind: text }
    const after = minutes.read(text)
    return typeof after === "number" ? { kind: "after", minutes: after } : null
  },
}
const off: Kind = {
  written: "write off; to switch it on, set scaling.on and the keys beside it",
  read: (text) => (text === "off" ? text : null),
}

/** The keys of the fleet policy on the command line, and the field of the contract that each stands for. */
export const keys = {
  failover: { kind: failover, field: "failover" },
  "suspect-after": { kind: seconds, field: "suspectAfterSeconds" },
  "unhealthy-after": { kind: seconds, field: "unhealthyAfterSeconds" },
  "flapping.times": { kind: count, field: "flapping.times" },
  "flapping.within": { kind: minutes, field: "flapping.withinMinutes" },
  "flapping.for": { kind: minutes, field: "flapping.forMinutes" },
  "alerts.cpu": { kind: share, field: "alerts.cpuPercent" },
  "alerts.memory": { kind: share, field: "alerts.memoryPercent" },
  "alerts.disk": { kind: share, field: "alerts.diskPercent" },
  "alerts.for": { kind: seconds, field: "alerts.forSeconds" },
  "drain-deadline": { kind: minutes, field: "drainMinutes" },
  warm: { kind: size, field: "warmMiB" },
  "images.most": { kind: size, field: "images.mostMiB" },
  "images.disk": { kind: share, field: "images.diskPercent" },
  "images.releases": { kind: count, field: "images.releases" },
  scaling: { kind: off, field: "scaling" },
  "scaling.on": { kind: triggers, field: "scaling.on" },
  "scaling.provider": { kind: provider, field: "scaling.provider" },
  "scaling.plan": { kind: words, field: "scaling.plan" },
  "scaling.region": { kind: words, field: "scaling.region" },
  "scaling.most": { kind: count, field: "scaling.workersMost" },
  "scaling.pause": { kind: minutes, field: "scaling.pauseMinutes" },
} as const satisfies Record<string, { readonly kind: Kind; readonly field: string }>

export type PolicyKey = keyof typeof keys
export const policyKeys = Object.keys(keys) as ReadonlyArray<PolicyKey>
export const scalingKeys = policyKeys.filter((key) => key.startsWith("scaling."))

export const isKey = (text: string): text is PolicyKey => Object.hasOwn(keys, text)

const inUnits = (value: number, of: number, small: string, large: string): string =>
  value > 0 && value % of === 0 ? `${value / of}${large}` : `${value}${small}`
const inSeconds = (value: number) => inUnits(value, 60, "s", "m")
const inSize = (MiB: number) => (MiB === 0 ? "off" : inUnits(MiB, 1024, "MiB", "GiB"))
const inMinutes = (value: number) => inUnits(value, 60, "m", "h")

/** The policy as `set` takes it; without the keys of a scaling that is off. */
export const policyTexts = (policy: FleetPolicy): ReadonlyMap<PolicyKey, string> => {
  const { failover, flapping, alerts, scaling } = policy
  return new Map<PolicyKey, string>([
    ["failover", failover.kind === "after" ? inMinutes(failover.minutes) : failover.kind],
    ["suspect-after", inSeconds(policy.suspectAfterSeconds)],
    ["unhealthy-after", inSeconds(policy.unhealthyAfterSeconds)],
    ["flapping.times", String(flapping.times)],
    ["flapping.within", inMinutes(flapping.withinMinutes)],
    ["flapping.for", inMinutes(flapping.forMinutes)],
    ["alerts.cpu", String(alerts.cpuPercent)],
    ["alerts.memory", String(alerts.memoryPercent)],
    ["alerts.disk", String(alerts.diskPercent)],
    ["alerts.for", inSeconds(alerts.forSeconds)],
    ["drain-deadline", inMinutes(policy.drainMinutes)],
    ["warm", inSize(policy.warmMiB)],
    ["images.most", inSize(policy.images.mostMiB)],
    ["images.disk", String(policy.images.diskPercent)],
    ["images.releases", String(policy.images.releases)],
    ...(scaling === null
      ? [["scaling", "off"] as const]
      : [
          ["scaling.on", scaling.on.join(",")] as const,
          ["scaling.provider", scaling.provider] as const,
          ["scaling.plan", scaling.plan] as const,
          ["scaling.region", scaling.region] as const,
          ["scaling.most", String(scaling.workersMost)] as const,
          ["scaling.pause", inMinutes(scaling.pauseMinutes)] as const,
        ]),
  ])
}
