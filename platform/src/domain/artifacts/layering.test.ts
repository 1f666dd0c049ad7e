import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type ExistingLayer,
  groupPaths,
  type LayeredPath,
  layerMaximum,
  planFirst,
  planNext,
} from "./layering.ts"

const MiB = 1024 ** 2

const path = (base: string, bytes: number, height: number, stable: boolean): LayeredPath => ({
  base,
  bytes,
  height,
  stable,
})

const pathArbitrary = fc.record({
  base: fc.string({ minLength: 1, maxLength: 6 }),
  bytes: fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 1, max: 120 * MiB })),
  height: fc.integer({ min: 0, max: 9 }),
  stable: fc.boolean(),
})
const closureArbitrary = fc.uniqueArray(pathArbitrary, {
  selector: (p) => p.base,
  minLength: 1,
  maxLength: 150,
})

const layersOf = (
  closure: ReadonlyArray<LayeredPath>,
  { keep, add }: { keep: ReadonlyArray<ExistingLayer>; add: ReadonlyArray<ReadonlyArray<string>> },
): ReadonlyArray<ExistingLayer> => {
  const bytes = new Map(closure.map((p) => [p.base, p.bytes]))
  const made = add.map((bases) => ({
    digest: bases.join(),
    paths: bases.map((base) => ({ base, bytes: bytes.get(base)! })),
  }))
  return [...keep, ...made]
}

const bases = (layers: ReadonlyArray<ExistingLayer>) =>
  layers.flatMap((layer) => layer.paths.map((p) => p.base))
const sum = (paths: ReadonlyArray<{ bytes: number }>) => paths.reduce((all, p) => all + p.bytes, 0)

describe("the layers of an image", () => {
  it("hold each path of a first closure once, in few layers", () => {
    fc.assert(
      fc.property(closureArbitrary, (closure) => {
        const groups = groupPaths(closure)
        expect(groups.flat().sort()).toEqual(closure.map((p) => p.base).sort())
        expect(groups.length).toBeLessThanOrEqual(24)
        expect(groupPaths([...closure].reverse())).toEqual(groups)
      }),
    )
  })

  it("put what is stable below, and what is big alone", () => {
    const app = path("app", 1000, 3, false)
    const modules = path("modules", 40 * MiB, 1, false)
    const groups = groupPaths([
      app,
      path("libc", 30 * MiB, 0, true),
      path("node", 90 * MiB, 2, true),
      modules,
    ])
    expect(groups).toEqual([["libc"], ["node"], ["modules"], ["app"]])
  })

  it("stay, with one more on top, when the application changes", () => {
    const stable = [path("libc", 30 * MiB, 0, true), path("node", 90 * MiB, 2, true)]
    const before = [...stable, path("app-1", MiB, 3, false)]
    const first = layersOf(before, planFirst(before, []))
    const after = [...stable, path("app-2", MiB, 3, false)]
    const next = planNext(after, first)!
    expect(next.keep.map((layer) => layer.digest)).toEqual(["libc", "node"])
    expect(next.add).toEqual([["app-2"]])
  })

  it("are the same for the same closure", () => {
    fc.assert(
      fc.property(closureArbitrary, (closure) => {
        const layers = layersOf(closure, planFirst(closure, []))
        expect(planNext(closure, layers)).toEqual({ keep: layers, add: [] })
      }),
    )
  })

  it("always hold the closure, in order, within bounds, over many deployments", () => {
    const deployments = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 4 }), fc.boolean()), {
      minLength: 50,
      maxLength: 150,
    })
    fc.assert(
      fc.property(closureArbitrary, deployments, (start, changes) => {
        let closure = start
        let layers = layersOf(closure, planFirst(closure, []))
        changes.forEach(([at, count, steady], round) => {
          closure = closure.map((p, n) =>
            (n + at) % closure.length < count && (steady || !p.stable)
              ? { ...p, base: `${p.base}'${round}` }
              : p,
          )
          const next = planNext(closure, layers)
          if (next !== null) expect(next.keep).toEqual(layers.slice(0, next.keep.length))
          layers = layersOf(closure, next ?? planFirst(closure, []))
          const held = new Set(bases(layers))
          expect(held.size).toBe(bases(layers).length)
          expect(closure.every((p) => held.has(p.base))).toBe(true)
          const live = new Set(closure.map((p) => p.base))
          const dead = sum(layers.flatMap((layer) => layer.paths.filter((p) => !live.has(p.base))))
          expect(dead).toBeLessThanOrEqual(0.35 * sum(closure))
          expect(layers.length + 1).toBeLessThanOrEqual(layerMaximum)
        })
      }),
      { numRuns: 20 },
    )
  })

  it("are laid anew after a hundred small changes", () => {
    const big = path("libc", 900 * MiB, 0, true)
    let layers = layersOf([big], planFirst([big], []))
    let anew = 0
    let parts: ReadonlyArray<LayeredPath> = []
    for (let round = 0; round < 250; round++) {
      parts = [...parts, path(`part-${round}`, 1000, 1, false)]
      const closure = [big, ...parts]
      const next = planNext(closure, layers)
      if (next === null) anew++
      layers = layersOf(closure, next ?? planFirst(closure, []))
      expect(layers.length).toBeLessThan(100)
    }
    expect(anew).toBeGreaterThan(0)
  })

  it("begin with those that other images have", () => {
    const libc = path("libc", 30 * MiB, 0, true)
    const shared = [{ digest: "theirs", paths: [{ base: "libc", bytes: libc.bytes }] }]
    expect(planFirst([libc, path("app", 10, 1, false)], shared)).toEqual({ keep: shared, add: [["app"]] })
  })
})
