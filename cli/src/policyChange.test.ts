import { defaultFleetPolicy, type FleetPolicy } from "@skypanel/contract/Fleet"
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { changedPolicy } from "./policyChange.ts"
import { policyKeys, policyTexts } from "./policyKeys.ts"

const scaling = {
  on: ["cpu", "no-capacity"],
  provider: "linode",
  plan: "g6-standard-2",
  region: "eu-central",
  workersMost: 12,
  pauseMinutes: 30,
} as const
const scalingTexts = [
  "scaling.on=cpu,no-capacity",
  "scaling.provider=linode",
  "scaling.plan=g6-standard-2",
  "scaling.region=eu-central",
  "scaling.most=12",
  "scaling.pause=30m",
]
const scaled: FleetPolicy = { ...defaultFleetPolicy, scaling }

const change = (policy: FleetPolicy, ...texts: ReadonlyArray<string>) =>
  Result.getOrThrow(changedPolicy(policy, texts))

const issuesOf = (policy: FleetPolicy, ...texts: ReadonlyArray<string>) => {
  const result = changedPolicy(policy, texts)
  return Result.isFailure(result)
    ? result.failure.issues.map((issue) => `${issue.path}: ${issue.message}`)
    : ["nothing was refused"]
}

describe("changing the policy", () => {
  it.each<[text: string, expected: Partial<FleetPolicy>]>([
    ["failover=by-hand", { failover: { kind: "by-hand" } }],
    ["failover=5m", { failover: { kind: "after", minutes: 5 } }],
    ["failover=at-once", { failover: { kind: "at-once" } }],
    ["suspect-after=8s", { suspectAfterSeconds: 8 }],
    ["unhealthy-after=2m", { unhealthyAfterSeconds: 120 }],
    ["flapping.times=4", { flapping: { ...defaultFleetPolicy.flapping, times: 4 } }],
    ["flapping.within=1h", { flapping: { ...defaultFleetPolicy.flapping, withinMinutes: 60 } }],
    ["flapping.for=20m", { flapping: { ...defaultFleetPolicy.flapping, forMinutes: 20 } }],
    ["alerts.cpu=80", { alerts: { ...defaultFleetPolicy.alerts, cpuPercent: 80 } }],
    ["alerts.memory=85%", { alerts: { ...defaultFleetPolicy.alerts, memoryPercent: 85 } }],
    ["alerts.disk=70", { alerts: { ...defaultFleetPolicy.alerts, diskPercent: 70 } }],
    ["alerts.for=0s", { alerts: { ...defaultFleetPolicy.alerts, forSeconds: 0 } }],
    ["drain-deadline=30m", { drainMinutes: 30 }],
    ["warm=512MiB", { warmMiB: 512 }],
    ["warm=3GiB", { warmMiB: 3072 }],
    ["warm=off", { warmMiB: 0 }],
    ["images.most=20GiB", { images: { ...defaultFleetPolicy.images, mostMiB: 20_480 } }],
    ["images.most=off", { images: { ...defaultFleetPolicy.images, mostMiB: 0 } }],
    ["images.disk=70%", { images: { ...defaultFleetPolicy.images, diskPercent: 70 } }],
    ["images.releases=5", { images: { ...defaultFleetPolicy.images, releases: 5 } }],
  ])("%s changes that and nothing else", (text, expected) => {
    expect(change(defaultFleetPolicy, text)).toEqual({ ...defaultFleetPolicy, ...expected })
  })

  it("switches scaling on with all of its keys, changes one of them, and switches it off", () => {
    expect(change(defaultFleetPolicy, ...scalingTexts)).toEqual(scaled)
    expect(change(scaled, "scaling.most=3").scaling).toEqual({ ...scaling, workersMost: 3 })
    expect(change(scaled, "scaling.plan=off").scaling).toEqual({ ...scaling, plan: "off" })
    expect(change(scaled, "scaling=off")).toEqual(defaultFleetPolicy)
  })

  it("names the keys there are when one is not", () => {
    const [issue = ""] = issuesOf(defaultFleetPolicy, "suspect=6s")
    expect(issue).toMatch(/^suspect: there is no such key/)
    for (const key of policyKeys) expect(issue).toContain(key)
    expect(issuesOf(defaultFleetPolicy, "__proto__=1")[0]).toMatch(/^__proto__: there is no such key/)
  })

  it.each([
    ["failover=later", "failover: write at-once, by-hand, or a time in minutes such as 5m"],
    ["failover=90s", "failover: write at-once, by-hand, or a time in minutes such as 5m"],
    [
      "failover=30h",
      "failover: the time is between 1 and 1440; write at-once, by-hand, or a time in minutes such as 5m",
    ],
    ["drain-deadline=5", "drain-deadline: write minutes or hours, such as 15m or 1h"],
    [
      "suspect-after=1s",
      "suspect-after: the time until a worker is suspect is between 3 and 120; write seconds or minutes, such as 6s or 2m",
    ],
    ["alerts.cpu=101", "alerts.cpu: a share is between 1 and 100; write a share of 100, such as 90"],
    ["alerts.cpu=high", "alerts.cpu: write a share of 100, such as 90"],
    ["warm=1.5", "warm: write a size in whole MiB, such as 512MiB or 2GiB, or off"],
    [
      "warm=2TiB",
      "warm: what is kept warm, in MiB, is between 0 and 1048576; write a size in whole MiB, such as 512MiB or 2GiB, or off",
    ],
    ["flapping.times=-1", "flapping.times: write a whole number, such as 3"],
    ["scaling=on", "scaling: write off; to switch it on, set scaling.on and the keys beside it"],
    ["alerts.cpu", 'KEY=VALUE: write NAME=value, not "alerts.cpu"'],
  ])("%s is refused", (text, issue) => {
    expect(issuesOf(defaultFleetPolicy, text)).toEqual([issue])
  })

  it("refuses what cannot be meant together", () => {
    expect(issuesOf(defaultFleetPolicy, "alerts.cpu=80", "alerts.cpu=90")).toEqual([
      "alerts.cpu: it is set twice",
    ])
    expect(issuesOf(scaled, "scaling=off", "scaling.most=3")).toEqual([
      "scaling: it cannot be off and have other keys set",
    ])
    expect(issuesOf(defaultFleetPolicy, "scaling.most=3")).toEqual(
      ["on", "provider", "plan", "region", "pause"].map(
        (key) => `scaling.${key}: it is missing: scaling needs all of its keys`,
      ),
    )
    expect(issuesOf(scaled, "scaling.provider=acme")[0]).toMatch(
      /^scaling\.provider: .*; write linode or digitalocean$/,
    )
    expect(issuesOf(scaled, "scaling.on=cpu,time")[0]).toMatch(/^scaling\.on: .*; write one or more of cpu/)
  })

  it("never throws, whatever is typed", () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom(...policyKeys), fc.string()).map(([key, value]) => `${key}=${value}`),
    )
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const result = changedPolicy(scaled, texts)
        expect(Result.isSuccess(result) || result.failure.issues.length > 0).toBe(true)
      }),
    )
  })
})

describe("the policy as it is written", () => {
  const whole = (min: number, max: number) => fc.integer({ min, max })
  const policy: fc.Arbitrary<FleetPolicy> = fc.record({
    failover: fc.oneof(
      fc.constantFrom({ kind: "at-once" } as const, { kind: "by-hand" } as const),
      fc.record({ kind: fc.constant("after" as const), minutes: whole(1, 1440) }),
    ),
    suspectAfterSeconds: whole(3, 120),
    unhealthyAfterSeconds: whole(10, 3600),
    flapping: fc.record({ times: whole(2, 100), withinMinutes: whole(1, 1440), forMinutes: whole(1, 1440) }),
    alerts: fc.record({
      cpuPercent: whole(1, 100),
      memoryPercent: whole(1, 100),
      diskPercent: whole(1, 100),
      forSeconds: whole(0, 86_400),
    }),
    drainMinutes: whole(1, 1440),
    scaling: fc.constantFrom(null, scaling),
    warmMiB: whole(0, 1024 ** 2),
    images: fc.record({
      mostMiB: whole(0, 1024 ** 2),
      diskPercent: whole(10, 95),
      releases: whole(1, 20),
    }),
  })

  it("reads back as it was", () => {
    fc.assert(
      fc.property(policy, (policy) => {
        const texts = [...policyTexts(policy)].map(([key, text]) => `${key}=${text}`)
        expect(change(scaled, ...texts)).toEqual(policy)
      }),
    )
  })
})
