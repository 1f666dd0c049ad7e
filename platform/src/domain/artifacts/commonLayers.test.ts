import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type CommonLayer, chooseCommonRuns } from "./commonLayers.ts"

const MB = 10 ** 6
const layer = (path: string, bytes: number, services: number): CommonLayer => ({
  chain: path,
  parent: path.slice(0, -1),
  bytes,
  services,
})
/** The base of all; on it a runtime with its packages, and another runtime. */
const fleet = [
  layer("b", 10_000, 9),
  layer("bn", 120 * MB, 5),
  layer("bnp", 30 * MB, 2),
  layer("bq", 50 * MB, 4),
]
const chains = (layers: ReadonlyArray<CommonLayer>, most: number) =>
  chooseCommonRuns(layers, most).map(({ chain }) => chain)

describe("the layers that are kept warm", () => {
  it("are whole runs, each once, what the most services have first", () => {
    expect(chooseCommonRuns(fleet, 1000 * MB)).toEqual([
      { chain: "bq", bytes: 50 * MB + 10_000, services: 4 },
      { chain: "bnp", bytes: 150 * MB + 10_000, services: 2 },
    ])
  })

  it("are as many as there is room for", () => {
    expect(chains(fleet, 180 * MB)).toEqual(["bn", "bq"])
    expect(chains(fleet, 130 * MB)).toEqual(["bn"])
    expect(chains(fleet, 60 * MB)).toEqual(["bq"])
  })

  it("are none where there is nothing but what is pulled in no time, or no room is given", () => {
    expect(chains(fleet.slice(0, 1), 1000 * MB)).toEqual([])
    expect(chains(fleet, 0)).toEqual([])
  })
})

/** A tree of layers in which each has at most as many services as the one below it. */
const tree = fc
  .array(fc.record({ below: fc.nat(30), bytes: fc.nat(80 * MB), fewer: fc.nat(5) }), { maxLength: 30 })
  .map((given) => {
    const made: Array<CommonLayer> = []
    for (const { below, bytes, fewer } of given) {
      const parent = below === 0 ? undefined : made[below % Math.max(1, made.length)]
      const services = Math.max(2, (parent?.services ?? 20) - fewer)
      made.push({
        chain: `${parent?.chain ?? ""}/${made.length}`,
        parent: parent?.chain ?? "",
        bytes,
        services,
      })
    }
    return made
  })

describe("whatever the services have", () => {
  it("the layers of all runs together fit, none is part of another, and order does not matter", () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 0, max: 900 * MB }), (layers, most) => {
        const runs = chooseCommonRuns(layers, most)
        const byChain = new Map(layers.map((each) => [each.chain, each]))
        const kept = new Set<CommonLayer>()
        for (const run of runs) {
          let bytes = 0
          for (let at = byChain.get(run.chain); at !== undefined; at = byChain.get(at.parent)) {
            bytes += at.bytes
            kept.add(at)
          }
          expect(run.bytes).toBe(bytes)
          expect(runs.some(({ chain }) => chain !== run.chain && chain.startsWith(`${run.chain}/`))).toBe(
            false,
          )
        }
        expect([...kept].reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(most)
        expect(chooseCommonRuns(layers.toReversed(), most)).toEqual(runs)
      }),
    )
  })
})
