import { describe, expect, it } from "vitest"
import { instanceSetOf } from "./instanceSet.ts"
import { instancesFor, type Unused } from "./keptInstances.ts"
import type { Entries } from "./mapChange.ts"

const set = (n: number) => instanceSetOf([{ address: `10.0.0.${n}`, port: 80 }], [])
const sets = (...ns: ReadonlyArray<number>) => new Map(ns.map((n) => [set(n).name, set(n)]))
const key = (n: number) => `${set(n).name}/0`

describe("the map of instances", () => {
  it("keeps a set for some seconds after the last host has left it", () => {
    let state: { entries: Entries; unused: Unused } = { entries: new Map(), unused: new Map() }
    const follow = (ms: number, ...ns: ReadonlyArray<number>) => {
      state = instancesFor(state.entries, sets(...ns), state.unused, ms)
      return Array.from(state.entries.keys()).toSorted()
    }
    const keys = (...ns: ReadonlyArray<number>) => ns.map(key).toSorted()
    expect(follow(0, 1, 2)).toEqual(keys(1, 2))
    expect(follow(1_000, 2, 3)).toEqual(keys(1, 2, 3))
    expect(follow(5_999, 3)).toEqual(keys(1, 2, 3))
    expect(follow(6_000, 3)).toEqual(keys(2, 3))
    // One that is used again is not unused any more.
    expect(follow(7_000, 2, 3)).toEqual(keys(2, 3))
    expect(follow(11_000, 3)).toEqual(keys(2, 3))
    expect(follow(15_999, 3)).toEqual(keys(2, 3))
    expect(follow(16_000, 3)).toEqual(keys(3))
  })
})
