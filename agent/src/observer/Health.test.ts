import { tmpdir } from "node:os"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { capacity, cpuTimesOf, makeHealth, memoryUsedOf } from "./Health.ts"

describe("health", () => {
  it("reads /proc/stat and /proc/meminfo", () => {
    expect(cpuTimesOf("cpu  10 1 5 100 4 2 3 1 0 0\ncpu0 1 1 1 1")).toEqual({ busy: 22, total: 126 })
    expect(memoryUsedOf("MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\n")).toBe(600 * 1024)
  })

  it("measures this machine", async () => {
    const health = makeHealth(tmpdir())
    await Effect.runPromise(health)
    const { cpuPercent, memoryUsedBytes, diskUsedBytes } = await Effect.runPromise(health)
    expect(cpuPercent).toBeGreaterThanOrEqual(0)
    expect(cpuPercent).toBeLessThanOrEqual(100)
    const { cpu, memoryBytes, diskBytes } = await Effect.runPromise(capacity(tmpdir()))
    expect(memoryUsedBytes).toBeGreaterThan(0)
    expect(memoryUsedBytes).toBeLessThan(memoryBytes)
    expect(diskUsedBytes).toBeLessThan(diskBytes)
    expect(cpu).toBeGreaterThan(0)
  })

  it("is 0 where there is nothing to measure", async () => {
    expect(await Effect.runPromise(makeHealth("/nonexistent"))).toMatchObject({ diskUsedBytes: 0 })
  })
})
