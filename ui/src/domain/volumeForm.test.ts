import { describe, expect, it } from "vitest"
import { emptyForm, replicasOf } from "./serviceForm.ts"
import { priceOf } from "./servicePrice.ts"
import { readCreate } from "./serviceRequest.ts"
import { volumeFields, volumeOf } from "./volumeForm.ts"

const prices = { currency: "USD", cpuHour: 9600, memoryGibHour: 6800, storageGibHour: 140 } as const
const form = {
  ...emptyForm,
  door: "template",
  template: "nodejs",
  name: "web",
  cpu: "1",
  memory: "1 GiB",
  storage: "1 GiB",
} as const

describe("instances and volume in the form", () => {
  it("come back from the fields as they went in", () => {
    const volume = { path: "/data", sizeBytes: 2 ** 31, whenWorkerIsLost: "start-empty" } as const
    expect(volumeOf(volumeFields(volume))).toEqual(volume)
    expect(volumeOf(volumeFields(null))).toBeNull()
  })

  it("make one instance of a service with a volume, whatever was typed before", () => {
    const read = readCreate({ ...form, replicas: "3", hasVolume: true })
    expect(read).toMatchObject({ request: { replicas: 1, volume: { path: "/data", sizeBytes: 2 ** 30 } } })
    expect(readCreate({ ...form, replicas: "3" })).toMatchObject({ request: { replicas: 3, volume: null } })
  })

  it("name the field that holds no value", () => {
    expect(readCreate({ ...form, replicas: "many" }).issues).toEqual([
      { path: "replicas", message: "write a number, such as 2" },
    ])
    expect(readCreate({ ...form, hasVolume: true, volumeSize: "big" }).issues?.[0]?.path).toBe(
      "volume.sizeBytes",
    )
    expect(replicasOf({ replicas: "", hasVolume: false })).toBeNull()
  })

  it("change the price: all instances, and the volume once", () => {
    expect(priceOf(prices, form)).toBe(16_540)
    expect(priceOf(prices, { ...form, replicas: "3" })).toBe(3 * 16_540)
    expect(priceOf(prices, { ...form, hasVolume: true, volumeSize: "10 GiB" })).toBe(16_540 + 1400)
    expect(priceOf(prices, { ...form, replicas: "x" })).toBeNull()
  })
})
