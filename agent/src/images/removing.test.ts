import type { ImageKeeping } from "@skypanel/contract/WorkerImages"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { StoredImage } from "../engine/ImageEngine.ts"
import { bytesOf, isTooFull, lastUses, serviceImageOf, serviceImagesOf, spareImages } from "./removing.ts"

const GB = 1e9
const registry = "registry.example:5000"
const now = 1_700_000_000_000
const minute = 60_000
const organization = `org_${"0".repeat(24)}`
const service = (n: number) => `svc_${String(n).padStart(24, "0")}`
const digestOf = (n: number) => `sha256:${String(n).padStart(64, "0")}`
const named = (n: number) => `${registry}/${organization}/${service(n % 3)}@${digestOf(n)}`

const image = (n: number, more: Partial<StoredImage> = {}): StoredImage => ({
  id: `sha256:id-${n}`,
  references: [named(n)],
  bytes: GB,
  inUse: false,
  ...more,
})
const keeping = (more: Partial<ImageKeeping> = {}): ImageKeeping => ({
  registry,
  needed: [],
  kept: [],
  bytesMost: null,
  diskPercent: 80,
  ...more,
})
const long = (images: ReadonlyArray<StoredImage>) =>
  new Map(images.map(({ id }, at) => [id, now - 60 * minute + at]))

describe("an image", () => {
  it("is of a service only in the platform's registry, by the names of both", () => {
    expect(serviceImageOf({ registry }, named(4))).toEqual({ serviceId: service(1), digest: digestOf(4) })
    for (const other of [
      `other.example/${organization}/${service(1)}@${digestOf(4)}`,
      `${registry}.evil.example/${organization}/${service(1)}@${digestOf(4)}`,
      `${registry}/skypanel/common@${digestOf(4)}`,
      `${registry}/${organization}/${service(1)}/more@${digestOf(4)}`,
      `${registry}/${organization}/${service(1)}:latest`,
      `${registry}/team/api@${digestOf(4)}`,
      "busybox:1",
    ])
      expect(serviceImageOf({ registry }, other)).toBeNull()
  })

  it("stays while it is used, needed, new, or somebody else's as well", () => {
    const images = [
      image(1),
      image(2, { inUse: true }),
      image(3),
      image(4, { references: [named(4), "mine:1"] }),
      image(5, { references: ["mine:2"] }),
      image(6, { references: [] }),
      image(7),
    ]
    const usedAt = new Map(long(images)).set("sha256:id-7", now - 9 * minute)
    const spare = spareImages(keeping({ needed: [digestOf(3)] }), images, usedAt, now)
    expect(spare.map(({ id }) => id)).toEqual(["sha256:id-1"])
  })

  it("from an address that the registry had before goes as others do, and what is nobody's of services stays", () => {
    const earlier = ["before.example:5000", "first.example"]
    const at = (where: string, n: number) => `${where}/${organization}/${service(n % 3)}@${digestOf(n)}`
    const common = (where: string) => `${where}/skypanel/common@${digestOf(9)}`
    const references = [
      [at("before.example:5000", 1)],
      [at("first.example", 2), at(registry, 2)],
      [at("other.example", 3)],
      [at("first.example", 4), at("other.example", 4)],
      ["first.example/team/api@sha256:1", at("first.example", 5)],
      [at("first.example", 6)],
      [common("first.example")],
      [common("first.example"), common(registry)],
      [at("first.example", 7)],
    ]
    const images = references.map((each, n) => image(n + 1, { references: each, inUse: n === 8 }))
    const keep = { ...keeping({ needed: [digestOf(6)] }), earlier }
    const spare = spareImages(keep, images, long(images), now)
    expect(spare.map(({ id }) => id.slice(-1))).toEqual(["1", "2", "7"])
    expect(spareImages(keeping(), images, long(images), now)).toEqual([])
    expect(serviceImagesOf(keep, images[1]!)).toEqual([{ serviceId: service(2), digest: digestOf(2) }])
    expect(bytesOf(images, keep, Number.MAX_SAFE_INTEGER)).toBe(8 * GB)
  })

  it("goes later the later it was used, and those to go back to after all others", () => {
    const images = [1, 2, 3, 4].map((n) => image(n))
    const usedAt = new Map(images.map(({ id }, at) => [id, now - [50, 90, 60, 70][at]! * minute]))
    const spare = spareImages(keeping({ kept: [digestOf(2), digestOf(4)] }), images, usedAt, now)
    expect(spare.map(({ id }) => id.at(-1))).toEqual(["3", "1", "2", "4"])
  })

  it("is not kept for ever by a clock that was put back, nor taken for old when it was not seen before", () => {
    const uses = lastUses(
      new Map([
        ["sha256:id-1", now + 1e9],
        ["sha256:id-2", now - 1e9],
        ["gone", now],
      ]),
      [image(1), image(2, { inUse: true }), image(3)],
      now,
    )
    expect([...uses]).toEqual([1, 2, 3].map((n) => [`sha256:id-${n}`, now]))
  })
})

describe("room", () => {
  const roomy = { total: 100 * GB, used: 50 * GB, free: 50 * GB }
  it("is short above the budget, above the share of the disk, or with little left of a small one", () => {
    expect(isTooFull(keeping(), 60 * GB, roomy)).toBe(false)
    expect(isTooFull(keeping({ bytesMost: 60 * GB }), 60 * GB, roomy)).toBe(false)
    expect(isTooFull(keeping({ bytesMost: 60 * GB }), 61 * GB, roomy)).toBe(true)
    expect(isTooFull(keeping({ diskPercent: 50 }), 0, roomy)).toBe(false)
    expect(isTooFull(keeping({ diskPercent: 49 }), 0, roomy)).toBe(true)
    expect(isTooFull(keeping(), 0, { total: 8 * GB, used: 5 * GB, free: 3 * GB })).toBe(true)
    expect(isTooFull(keeping(), 0, { total: 0, used: 0, free: 0 })).toBe(false)
  })

  it("that images take is never more than the engine's layers, nor than they would without sharing", () => {
    const images = [image(1), image(2), image(3, { references: ["mine:1"], bytes: 90 * GB })]
    expect(bytesOf(images, { registry }, 91 * GB)).toBe(2 * GB)
    expect(bytesOf(images, { registry }, 1.5 * GB)).toBe(1.5 * GB)
  })
})

describe("whatever there is", () => {
  const anImage = fc.record({
    inUse: fc.boolean(),
    foreign: fc.boolean(),
    needed: fc.boolean(),
    kept: fc.boolean(),
    minutesAgo: fc.integer({ min: 0, max: 30 }),
    bytes: fc.integer({ min: 1, max: 1000 }),
  })
  const worlds = fc.record({
    all: fc.array(anImage, { maxLength: 30 }),
    bytesMost: fc.integer({ min: 0, max: 10_000 }),
  })
  type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never
  const of = ({ all, bytesMost }: World) => ({
    images: all.map(({ inUse, foreign, bytes }, n) =>
      image(n, { inUse, bytes, ...(foreign && { references: [`mine:${n}`] }) }),
    ),
    usedAt: new Map(all.map(({ minutesAgo }, n) => [`sha256:id-${n}`, now - minutesAgo * minute])),
    keep: keeping({
      bytesMost,
      needed: all.flatMap(({ needed }, n) => (needed ? [digestOf(n)] : [])),
      kept: all.flatMap(({ kept }, n) => (kept ? [digestOf(n)] : [])),
    }),
  })
  const disk = { total: 100 * GB, used: GB, free: 99 * GB }
  /** What goes, one after the other, as the agent does it. */
  const rounds = (world: World) => {
    const { images, usedAt, keep } = of(world)
    let left = images
    const gone: Array<StoredImage> = []
    for (;;) {
      const bytes = bytesOf(left, { registry }, Number.MAX_SAFE_INTEGER)
      const [next] = isTooFull(keep, bytes, disk) ? spareImages(keep, left, usedAt, now) : []
      if (next === undefined) return { gone, left, bytes }
      gone.push(next)
      left = left.filter((one) => one !== next)
    }
  }
  const at = ({ id }: StoredImage) => Number(id.split("-")[1])

  it("nothing goes that is used, needed, new or somebody else's", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const one of rounds(world).gone) {
          const { inUse, foreign, needed, minutesAgo } = world.all[at(one)]!
          expect([inUse, foreign, needed, minutesAgo >= 10]).toEqual([false, false, false, true])
        }
      }),
    )
  })

  it("enough goes, or all that may; and nothing that did not have to", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { usedAt, keep } = of(world)
        const { gone, left, bytes } = rounds(world)
        if (bytes > world.bytesMost) expect(spareImages(keep, left, usedAt, now)).toEqual([])
        if (gone.length > 0) expect(bytes + gone.at(-1)!.bytes).toBeGreaterThan(world.bytesMost)
      }),
    )
  })

  it("the order is the same, however the engine lists them", () => {
    fc.assert(
      fc.property(worlds, fc.infiniteStream(fc.double({ noNaN: true })), (world, chance) => {
        const { images, usedAt, keep } = of(world)
        const weights = new Map(images.map(({ id }) => [id, chance.next().value as number]))
        const otherwise = images.toSorted((a, b) => weights.get(a.id)! - weights.get(b.id)!)
        expect(spareImages(keep, otherwise, usedAt, now)).toEqual(spareImages(keep, images, usedAt, now))
      }),
    )
  })
})
