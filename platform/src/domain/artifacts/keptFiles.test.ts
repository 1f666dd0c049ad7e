import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { KeptFiles } from "./keptFiles.ts"

describe("files that are kept", () => {
  it("are asked for a second time", () => {
    const files = new KeptFiles(100)
    expect(files.isToBeKept("a", 10)).toBe(false)
    expect(files.isToBeKept("b", 10)).toBe(false)
    expect(files.isToBeKept("a", 10)).toBe(true)
    files.add("a", 10)
    expect(files.isToBeKept("a", 10)).toBe(false)
  })

  it("are no large part of all that there is room for", () => {
    const files = new KeptFiles(100)
    expect([files.isToBeKept("a", 26), files.isToBeKept("a", 26), files.isToBeKept("a", 25)]).toEqual([
      false,
      false,
      true,
    ])
    const none = new KeptFiles(0)
    expect([none.isToBeKept("a", 1), none.isToBeKept("a", 1)]).toEqual([false, false])
  })

  it("are those that were used last", () => {
    const files = new KeptFiles(100)
    for (const name of ["a", "b", "c", "d"]) expect(files.add(name, 25)).toEqual([])
    expect(files.use("a")).toBe(25)
    expect(files.add("e", 25)).toEqual(["b"])
    expect(files.add("f", 25)).toEqual(["c"])
    expect(files.use("c")).toBeNull()
  })

  it("never take more than there is room for, whatever comes", () => {
    const step = fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e"),
      bytes: fc.nat(30),
      drop: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const files = new KeptFiles(60)
        const there = new Map<string, number>()
        for (const { name, bytes, drop } of steps) {
          if (drop) {
            files.drop(name)
            there.delete(name)
          } else {
            for (const gone of files.add(name, bytes)) there.delete(gone)
            there.set(name, bytes)
          }
          const sum = [...there.values()].reduce((all, each) => all + each, 0)
          expect(files.bytes).toBe(sum)
          expect(files.bytes).toBeLessThanOrEqual(60)
        }
      }),
    )
  })
})
