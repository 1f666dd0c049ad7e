import { describe, expect, it } from "vitest"
import { formatMoney, hourlyPrice } from "./Price.ts"
import { formatSize, parseSize } from "./Resources.ts"

describe("sizes", () => {
  it.each([
    ["256MiB", 268_435_456],
    ["256 mib", 268_435_456],
    ["1GB", 1_000_000_000],
    ["1.5Gi", 1_610_612_736],
    ["512k", 512_000],
    ["1024", 1024],
  ])("reads %s", (text, bytes) => expect(parseSize(text)).toBe(bytes))

  it.each(["", "MiB", "-1", "1e3", "1 XB", "1..5G", "NaN"])("refuses %j", (text) =>
    expect(parseSize(text)).toBe(null),
  )

  it("writes what it reads", () => {
    expect(formatSize(268_435_456)).toBe("256 MiB")
    expect(formatSize(1_610_612_736)).toBe("1.5 GiB")
  })
})

describe("hourlyPrice", () => {
  const prices = { currency: "USD", cpuHour: 10_000, memoryGibHour: 5_000, storageGibHour: 100 } as const

  it("adds up the parts in whole micro-dollars, rounded up", () => {
    const GiB = 2 ** 30
    const one = { replicas: 1, volume: null }
    expect(
      hourlyPrice(prices, { ...one, resources: { cpu: 0.5, memoryBytes: GiB, storageBytes: GiB } }),
    ).toBe(10_100)
    const smallest = { cpu: 0.05, memoryBytes: 16 * 2 ** 20, storageBytes: 2 ** 20 }
    expect(hourlyPrice(prices, { ...one, resources: smallest })).toBe(579)
  })

  it("counts every instance, and the volume once", () => {
    const GiB = 2 ** 30
    const resources = { cpu: 0.5, memoryBytes: GiB, storageBytes: GiB }
    const volume = { path: "/data", sizeBytes: 10 * GiB, whenWorkerIsLost: "wait" } as const
    expect(hourlyPrice(prices, { resources, replicas: 3, volume: null })).toBe(30_300)
    expect(hourlyPrice(prices, { resources, replicas: 1, volume })).toBe(11_100)
  })

  it("is shown in dollars", () => expect(formatMoney(10_100)).toBe("$0.0101"))
})
