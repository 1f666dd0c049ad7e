import { lineDiff } from "@skypanel/contract/lineDiff"
import type { DiffLine } from "@skypanel/contract/Template"

/** Lines around a change that are shown with it. */
const around = 3

/** What no change is near becomes one line. */
const shorten = (lines: ReadonlyArray<DiffLine>): ReadonlyArray<DiffLine> => {
  const shown = lines.map(() => false)
  lines.forEach((line, at) => {
    if (line.mark !== " ")
      for (let near = Math.max(0, at - around); near <= Math.min(lines.length - 1, at + around); near++)
        shown[near] = true
  })
  const short: Array<DiffLine> = []
  lines.forEach((line, at) => {
    if (shown[at]) short.push(line)
    else if (short.at(-1)?.mark !== "…") short.push({ mark: "…", text: "" })
  })
  return short
}

/** How one text becomes another, line by line, without what no change is near; empty when they are the same. */
export const shortDiff = (before: string, after: string): ReadonlyArray<DiffLine> =>
  before === after ? [] : shorten(lineDiff(before, after))
