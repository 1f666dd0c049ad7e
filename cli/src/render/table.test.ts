import { CliOutput } from "effect/cli"
import fc from "fast-check"
import { expect, it } from "vitest"
import { table } from "./table.ts"

const head = (text: string) => text

it("aligns columns, numbers to the right, without spaces at the end", () => {
  const rows = [
    { name: "a", count: 5, note: "" },
    { name: "longer", count: 1234, note: "日本" },
  ]
  expect(
    table(
      [
        { title: "NAME", cell: (row) => row.name },
        { title: "N", cell: (row) => String(row.count), align: "right" },
        { title: "NOTE", cell: (row) => row.note },
      ],
      rows,
      { width: null, head },
    ),
  ).toEqual(["NAME       N  NOTE", "a          5", "longer  1234  日本"])
})

it("shortens only columns that may shrink, to the width of the terminal", () => {
  const [, row] = table(
    [
      { title: "ID", cell: (text: string) => text },
      { title: "TEXT", cell: () => "x".repeat(100), shrink: true },
    ],
    ["0123456789"],
    { width: 40, head },
  )
  expect(row).toBe(`0123456789  ${"x".repeat(27)}…`)
})

it("keeps every line within the terminal when the shrinking column can pay for it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 200 })),
      fc.integer({ min: 30, max: 120 }),
      (texts, width) => {
        const lines = table(
          [
            { title: "ID", cell: () => "id" },
            { title: "TEXT", cell: (text: string) => text, shrink: true },
          ],
          texts,
          { width, head },
        )
        expect(lines).toHaveLength(texts.length + 1)
        for (const line of lines) expect(CliOutput.displayWidth(line)).toBeLessThanOrEqual(width)
      },
    ),
  )
})

it("leaves out columns that can be spared, and never the text that may go on in the next line", () => {
  const columns = [
    { title: "ID", cell: (text: string) => text },
    { title: "FIRST", cell: () => "x".repeat(10), spare: 2 },
    { title: "NEXT", cell: () => "y".repeat(10), spare: 1 },
    { title: "WHY", cell: () => "z".repeat(50), wraps: true as const },
  ]
  const titles = (width: number | null) => table(columns, ["0123456789"], { width, head })[0]
  expect(titles(null)).toBe("ID          FIRST       NEXT        WHY")
  expect(titles(39)).toBe("ID          FIRST       NEXT        WHY")
  expect(titles(38)).toBe("ID          NEXT        WHY")
  expect(titles(20)).toBe("ID          WHY")
  const [, row] = table(columns, ["0123456789"], { width: 20, head })
  expect(row).toBe(`0123456789  ${"z".repeat(50)}`)
})
