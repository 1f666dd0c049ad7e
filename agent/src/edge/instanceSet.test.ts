import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instanceSetOf, instancesMost } from "./instanceSet.ts"

const at = (n: number) => ({ address: `10.0.0.${n}`, port: 3000 })
const some = (max: number) => fc.array(fc.integer({ min: 1, max }), { maxLength: 100 })

/** The places that are asked one after the other when none answers, from this instance on. */
const walk = (instances: ReadonlyArray<string>, from: number, steps: number) => {
  const places: Array<string> = []
  for (let n = from; places.length < steps; n = Number(instances[n]!.split("/")[3]))
    places.push(instances[n]!.split("/").slice(0, 3).join("/"))
  return places
}

describe("a set of instances", () => {
  it("has the same name for the same content, in whatever order", () => {
    fc.assert(
      fc.property(some(100), some(100), (here, elsewhere) => {
        const name = instanceSetOf(here.map(at), elsewhere.map(at)).name
        expect(instanceSetOf(here.toReversed().map(at), elsewhere.toReversed().map(at)).name).toBe(name)
      }),
    )
  })

  it("has another name for another content", () => {
    const names = [
      instanceSetOf([at(1)], []),
      instanceSetOf([], [at(1)]),
      instanceSetOf([at(1)], [at(1)]),
      instanceSetOf([at(2)], []),
      instanceSetOf([{ ...at(1), port: 3001 }], []),
    ].map(({ name }) => name)
    expect(new Set(names).size).toBe(5)
  })

  it("leads from each instance to every other place before it comes back", () => {
    fc.assert(
      fc.property(some(20), some(5), (here, elsewhere) => {
        const { instances } = instanceSetOf(here.map(at), elsewhere.map(at))
        const places = new Set(instances.map((one) => one.split("/").slice(0, 3).join("/")))
        for (const from of instances.keys())
          expect(new Set(walk(instances, from, places.size)).size).toBe(places.size)
      }),
    )
  })

  it("has its own containers first, and is bounded", () => {
    const set = instanceSetOf(
      [3, 1, 2].map(at),
      Array.from({ length: 100 }, (_, n) => at(n % 4)),
    )
    expect(set.instances).toHaveLength(instancesMost)
    expect(set.instances.findIndex((one) => one.startsWith("peer/"))).toBe(3)
    expect(set.name).toMatch(/:64:3$/)
  })
})
