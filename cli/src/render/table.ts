import { CliOutput } from "effect/cli"
import { oneLine } from "./text.ts"

export interface Column<A> {
  readonly title: string
  readonly cell: (row: A) => string
  readonly align?: "right"
  /** Takes the colour of a finished cell; it must not change its width. */
  readonly paint?: (cell: string, row: A) => string
  /** May be shortened when the terminal is too narrow. */
  readonly shrink?: true
}

const gap = "  "
const smallestShrunk = 8

const shorten = (text: string, width: number): string => {
  let kept = text
  while (CliOutput.displayWidth(kept) > width - 1) kept = kept.slice(0, -1)
  return `${kept}…`
}

const fill = (text: string, width: number, align: "right" | undefined): string => {
  const space = " ".repeat(Math.max(0, width - CliOutput.displayWidth(text)))
  return align === "right" ? space + text : text + space
}

/** Rows under their titles, columns aligned; `width` is that of the terminal, null when there is none. */
export const table = <A>(
  columns: ReadonlyArray<Column<A>>,
  rows: ReadonlyArray<A>,
  options: { readonly width: number | null; readonly head: (text: string) => string },
): ReadonlyArray<string> => {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.cell(row))))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => CliOutput.displayWidth(row[index]!))),
  )
  if (options.width !== null) {
    const total = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1))
    let excess = total - options.width
    columns.forEach((column, index) => {
      if (!column.shrink || excess <= 0) return
      const width = Math.max(smallestShrunk, column.title.length, widths[index]! - excess)
      excess -= widths[index]! - width
      widths[index] = width
    })
  }
  const line = (texts: ReadonlyArray<string>, row: A | null) =>
    texts
      .map((text, index) => {
        const column = columns[index]!
        const width = widths[index]!
        const short = CliOutput.displayWidth(text) > width ? shorten(text, width) : text
        const last = index === columns.length - 1 && column.align !== "right"
        const filled = last ? short : fill(short, width, column.align)
        return row !== null && column.paint ? column.paint(filled, row) : filled
      })
      .join(gap)
  const head = line(
    columns.map((column) => column.title),
    null,
  )
  return [options.head(head.trimEnd()), ...cells.map((row, index) => line(row, rows[index]!).trimEnd())]
}
