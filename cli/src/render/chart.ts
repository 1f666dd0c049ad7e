const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

export interface Point {
  /** Milliseconds of Unix time. */
  readonly at: number
  readonly value: number
}

/** The highest value of each of `count` equal spans of the time from `from` to `to`; null for a span without one. */
export const highestOfSpans = (
  points: ReadonlyArray<Point>,
  time: { readonly from: number; readonly to: number },
  count: number,
): ReadonlyArray<number | null> => {
  const spans = Array.from({ length: count }, (): number | null => null)
  for (const { at, value } of points) {
    const index = Math.floor(((at - time.from) / (time.to - time.from)) * count)
    const span = Math.min(count - 1, index)
    if (span >= 0) spans[span] = Math.max(value, spans[span] ?? value)
  }
  return spans
}

/** One character for each value, as high as its share of `most`; a dot where there is none. */
export const chart = (values: ReadonlyArray<number | null>, most: number): string =>
  values
    .map((value) => {
      if (value === null) return "·"
      // Endless of endless is no number.
      const share = most > 0 ? value / most || 0 : 0
      return blocks[Math.min(blocks.length - 1, Math.max(0, Math.floor(share * blocks.length)))]!
    })
    .join("")
