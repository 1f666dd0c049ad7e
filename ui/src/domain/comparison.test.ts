import { expect, it } from "vitest"
import { packageLook, sizeChange, versionsText } from "./comparison.ts"

const side = (...versions: ReadonlyArray<string | null>) => ({ versions, bytes: 1 })

it("says what became of a package", () => {
  const look = (before: ReturnType<typeof side> | null, after: ReturnType<typeof side> | null) =>
    packageLook({ name: "libc", before, after }).word
  expect(look(null, side("1"))).toBe("added")
  expect(look(side("1"), null)).toBe("removed")
  expect(look(side("1"), side("2"))).toBe("version")
  expect(look(side("1"), side("1"))).toBe("size")
  expect(versionsText(side("1", null))).toBe("1, no version")
})

it("gives a difference its sign", () =>
  expect([2048, -1024, 0].map(sizeChange)).toEqual(["+2 KiB", "−1 KiB", "same size"]))
