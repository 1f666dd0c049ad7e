/** One line of the table: two ways to do the same thing on the same machine, measured in turn. */
export interface Row {
  readonly name: string
  /** The median of ours, in `unit`. */
  readonly ours: number
  /** The median of the way it is compared with; null when there is none. */
  readonly theirs: number | null
  readonly unit: "s" | "ms" | "bytes" | "requests" | "MB/s"
  /** The median of theirs / ours of each pair; null without a comparison, or when ours is 0. */
  readonly ratio: number | null
  readonly runs: number
}

export interface Pair {
  readonly ours: number
  readonly theirs: number | null
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Each ratio is taken within its pair, so that a busy moment of the machine falls on both sides. */
export const rowOf = (name: string, unit: Row["unit"], pairs: ReadonlyArray<Pair>): Row => {
  const theirs = pairs.flatMap((pair) => (pair.theirs === null ? [] : [pair.theirs]))
  const ratios = pairs.flatMap(({ ours, theirs }) => (theirs === null || ours === 0 ? [] : [theirs / ours]))
  return {
    name,
    unit,
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: theirs.length === pairs.length && theirs.length > 0 ? median(theirs) : null,
    ratio: ratios.length === pairs.length && ratios.length > 0 ? median(ratios) : null,
    runs: pairs.length,
  }
}

const amount = (value: number | null, unit: Row["unit"]): string => {
  if (value === null) return "—"
  if (unit === "bytes") return value.toLocaleString("en-US")
  return unit === "s"
    ? value.toFixed(2)
    : unit === "requests"
      ? String(value)
      : value.toFixed(unit === "ms" ? 2 : 1)
}

/** A table in Markdown, so that it can stand in the README as it is printed. */
export const tableOf = (rows: ReadonlyArray<Row>): string => {
  const cells = rows.map((row) => [
    row.name,
    amount(row.ours, row.unit),
    amount(row.theirs, row.unit),
    row.unit,
    row.ratio === null ? "—" : `${row.ratio.toFixed(2)}×`,
    String(row.runs),
  ])
  const head = ["measured", "SkyPanel", "the usual way", "unit", "ratio", "runs"]
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]!.length)),
  )
  const line = (row: ReadonlyArray<string>) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(" | ")} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`
  return [line(head), rule, ...cells.map(line)].join("\n")
}
