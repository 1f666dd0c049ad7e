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
  /** Is left out when the terminal is too narrow, of several the one with the highest number first. */
  readonly spare?: number
  /** Goes on in the next line of the terminal when it is too long: only for the last. */
  readonly wraps?: true
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

interface Measured<A> {
  readonly column: Column<A>
  readonly cells: ReadonlyArray<string>
  readonly width: number
}

const measure =
  <A>(rows: ReadonlyArray<A>) =>
  (column: Column<A>): Measured<A> => {
    const cells = rows.map((row) => oneLine(column.cell(row)))
    const width = column.wraps ? 0 : Math.max(0, ...cells.map(CliOutput.displayWidth))
    return { column, cells, width: Math.max(column.title.length, width) }
  }

const widthOf = (columns: ReadonlyArray<Measured<never>>): number =>
  columns.reduce((sum, { width }) => sum + width, gap.length * (columns.length - 1))

const smallest = <A>(measured: Measured<A>): Measured<A> => {
  const { column, width } = measured
  if (!column.shrink) return measured
  return { ...measured, width: Math.min(width, Math.max(smallestShrunk, column.title.length)) }
}

/** What of it the terminal has room for. */
const fitting = <A>(columns: ReadonlyArray<Measured<A>>, width: number): ReadonlyArray<Measured<A>> => {
  const spares = columns.map(({ column }) => column.spare ?? 0)
  const most = Math.max(0, ...spares)
  if (most === 0 || widthOf(columns.map(smallest)) <= width) return columns
  return fitting(columns.toSpliced(spares.indexOf(most), 1), width)
}

const shrunk = <A>(columns: ReadonlyArray<Measured<A>>, width: number): ReadonlyArray<Measured<A>> => {
  let excess = widthOf(columns) - width
  return columns.map((measured) => {
    const shorter = Math.max(smallest(measured).width, measured.width - Math.max(0, excess))
    excess -= measured.width - shorter
    return { ...measured, width: shorter }
  })
}

/** Rows under their titles, columns aligned; `width` is that of the terminal, null when there is none. */
export const table = <A>(
  columns: ReadonlyArray<Column<A>>,
  rows: ReadonlyArray<A>,
  options: { readonly width: number | null; readonly head: (text: string) => string },
): ReadonlyArray<string> => {
  const { width, head } = options
  const all = columns.map(measure(rows))
  const shown = width === null ? all : shrunk(fitting(all, width), width)
  const line = (textOf: (measured: Measured<A>) => string, row: A | null) =>
    shown
      .map((measured, index) => {
        const { column, width } = measured
        const text = textOf(measured)
        const short = !column.wraps && CliOutput.displayWidth(text) > width ? shorten(text, width) : text
        const last = index === shown.length - 1 && column.align !== "right"
        const filled = last ? short : fill(short, width, column.align)
        return row !== null && column.paint ? column.paint(filled, row) : filled
      })
      .join(gap)
      .trimEnd()
  return [
    head(line(({ column }) => column.title, null)),
    ...rows.map((row, index) => line(({ cells }) => cells[index]!, row)),
  ]
}
