import type { DiffLine } from "@skypanel/contract/Template"

/** Lines around a change that are shown with it. */
const around = 3
/** Beyond this many pairs of lines what differs is shown as one removal and one addition. */
const pairsMost = 4_000_000

const mark = (sign: DiffLine["mark"]) => (text: string) => ({ mark: sign, text }) satisfies DiffLine

/** The lines between what both begin and end with, by the longest common subsequence. */
const middle = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyArray<DiffLine> => {
  const [rows, columns] = [before.length, after.length]
  if (rows * columns > pairsMost) return [...before.map(mark("-")), ...after.map(mark("+"))]
  const width = columns + 1
  const common = new Uint32Array((rows + 1) * width)
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const lines: Array<DiffLine> = []
  let [i, j] = [0, 0]
  while (i < rows || j < columns) {
    if (i < rows && j < columns && before[i] === after[j]) {
      lines.push(mark(" ")(before[i]!))
      i++
      j++
    } else if (j >= columns || (i < rows && common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      lines.push(mark("-")(before[i++]!))
    else lines.push(mark("+")(after[j++]!))
  }
  return lines
}

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

/** How one text becomes another, line by line; empty when they are the same. */
export const lineDiff = (before: string, after: string): ReadonlyArray<DiffLine> => {
  if (before === after) return []
  const [old, now] = [before.split("\n"), after.split("\n")]
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++
  return shorten([
    ...old.slice(0, start).map(mark(" ")),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(mark(" ")),
  ])
}
