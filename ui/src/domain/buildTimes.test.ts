import type { BuildRecord } from "@skypanel/contract/BuildRecord"
import { expect, it } from "vitest"
import { buildBars, phaseWords, workedMs } from "./buildTimes.ts"

const build = (deployment: number, waiting: number, building: number, begun = true) =>
  ({
    deployment,
    startedAt: begun ? "2026-01-01T00:00:00.000Z" : null,
    phases: [
      { name: "waiting", ms: waiting },
      { name: "building", ms: building },
    ],
  }) as unknown as BuildRecord

it("counts what a builder did, and names what was waited for beside it", () => {
  expect(workedMs(build(1, 5000, 200))).toBe(200)
  expect(phaseWords(build(1, 5000, 200))).toBe("waiting 5.0 s · building 200 ms")
})

it("draws a bar for each that has begun, oldest first, and something of the shortest", () => {
  const bars = buildBars([build(4, 1, 0, false), build(3, 0, 50), build(2, 9, 100), build(1, 0, 0)])
  expect(bars.map(({ build: { deployment }, height }) => [deployment, height])).toEqual([
    [1, 0.04],
    [2, 1],
    [3, 0.5],
  ])
  expect(buildBars([])).toEqual([])
})
