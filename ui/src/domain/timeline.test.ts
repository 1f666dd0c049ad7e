import type { Deployment, DeploymentStep } from "@skypanel/contract/Deployment"
import { stepNames } from "@skypanel/contract/Deployment"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatAge, formatDuration } from "./time.ts"
import { fillOf, openStep, remainingMs, timelineOf, totalMs } from "./timeline.ts"

const start = Date.parse("2026-01-01T00:00:00.000Z")
const at = (ms: number): string => new Date(start + ms).toISOString()

const step = (index: number, part: Partial<DeploymentStep>): DeploymentStep => ({
  name: stepNames[index]!,
  state: "pending",
  startedAt: null,
  finishedAt: null,
  expectedMs: null,
  detail: null,
  ...part,
})

const deployment = (status: Deployment["status"], steps: readonly Partial<DeploymentStep>[]): Deployment =>
  ({
    status,
    steps: stepNames.map((_, index) => step(index, steps[index] ?? {})),
    failure: null,
    returned: null,
    createdAt: at(0),
    finishedAt: null,
  }) as unknown as Deployment

describe("the line of a deployment", () => {
  const building = deployment("building", [
    { state: "done", startedAt: at(0), finishedAt: at(500) },
    { state: "running", startedAt: at(500), expectedMs: 10_000 },
    { expectedMs: 2000 },
    { expectedMs: 3000 },
    { expectedMs: 1000 },
  ])

  it("fills step by step, and ends with live", () => {
    const stops = timelineOf(building, start + 5500)
    expect(stops.map(({ name }) => name)).toEqual([...stepNames, "live"])
    expect(stops.map(({ fill }) => fill)).toEqual([1, 0.45, 0, 0, 0, 0])
    expect(stops.map(({ elapsedMs }) => elapsedMs)).toEqual([500, 5000, null, null, null, null])
    expect(stops.at(-1)?.state).toBe("pending")
  })

  it("passes skipped steps only when it gets there", () => {
    const queued = [
      { state: "running", startedAt: at(0) },
      { state: "skipped" },
      { state: "skipped" },
    ] as const
    expect(timelineOf(deployment("queued", queued), start).map(({ fill }) => fill)).toEqual([
      0.3, 0, 0, 0, 0, 0,
    ])
    const rolling = [
      { state: "done" },
      { state: "skipped" },
      { state: "skipped" },
      { state: "running", startedAt: at(0) },
    ] as const
    expect(timelineOf(deployment("rolling-out", rolling), start).map(({ fill }) => fill)).toEqual([
      1, 1, 1, 0.3, 0, 0,
    ])
  })

  it("says how long it has taken and what is to come", () => {
    expect(totalMs(building, start + 5500)).toBe(5500)
    expect(remainingMs(building, start + 5500)).toBe(5000 + 2000 + 3000 + 1000)
    expect(
      remainingMs(deployment("building", [{ state: "done" }, { state: "running", startedAt: at(0) }]), start),
    ).toBeNull()
  })

  it("never claims that a running step is done, and never runs backwards", () => {
    fc.assert(
      fc.property(
        fc.nat(1e7),
        fc.nat(1e7),
        fc.option(fc.integer({ min: -5, max: 1e6 })),
        (a, b, expected) => {
          const [less, more] = [fillOf(Math.min(a, b), expected), fillOf(Math.max(a, b), expected)]
          expect(less).toBeLessThanOrEqual(more)
          expect(more).toBeLessThan(1)
        },
      ),
    )
  })

  it("opens the failed step, else the build, else what runs", () => {
    expect(openStep(building)).toBe("building")
    const skipped = [
      { state: "done" },
      { state: "skipped" },
      { state: "skipped" },
      { state: "running" },
    ] as const
    expect(openStep(deployment("rolling-out", skipped))).toBe("rolling-out")
    const failed = [{ state: "done" }, { state: "done" }, { state: "done" }, { state: "failed" }] as const
    expect(openStep(deployment("failed", failed))).toBe("rolling-out")
  })
})

describe("times", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [4200, "4.2 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min 00 s"],
    [65_000, "1 min 05 s"],
    [7_800_000, "2 h 10 min"],
    [90_000_000, "1 d 1 h"],
  ])("%i ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it.each([
    [-5000, "just now"],
    [4000, "just now"],
    [30_000, "30 sec ago"],
    [120_000, "2 min ago"],
    [86_400_000, "yesterday"],
  ])("%i ms ago is %s", (ms, text) => {
    expect(formatAge(start, start + ms)).toBe(text)
  })
})
