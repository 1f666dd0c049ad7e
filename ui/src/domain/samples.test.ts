import type { WorkerSample } from "@skypanel/contract/Worker"
import { describe, expect, it } from "vitest"
import { describeSeries, seriesOf, withGaps } from "./samples.ts"

const sample = (minute: number, cpuPercent: number): WorkerSample => ({
  at: new Date(minute * 60_000).toISOString(),
  cpuPercent,
  memoryUsedBytes: 2 ** 30,
  diskUsedBytes: 2 ** 31,
  load1: 1,
  instances: 3,
})

describe("a worker's samples", () => {
  it("have a hole where the worker was silent", () => {
    const { times, values } = withGaps(
      [sample(0, 10), sample(1, 20), sample(60, 30)],
      (one) => one.cpuPercent,
    )
    expect(values).toEqual([10, 20, null, 30])
    expect(times).toEqual([0, 60, 61, 3600])
  })

  it("are told in words", () => {
    const [cpu, memory] = seriesOf([sample(0, 10), sample(1, 90.4), sample(2, 40)], null)
    expect(describeSeries(cpu!)).toBe("now 40 %, between 10 % and 90 %")
    expect(describeSeries(memory!)).toBe("now 1 GiB, between 1 GiB and 1 GiB")
    expect(describeSeries(seriesOf([], null)[0]!)).toBe("nothing measured")
  })
})
