import type { DiffLine } from "./Template.ts"

/** Larger middles are told as removed and added whole. */
const cellsMost = 4_000_000

/** The middle, by a longest common subsequence. */
const middleOf = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyArray<DiffLine> => {
  const removed = before.map((text): DiffLine => ({ mark: "-", text }))
  const added = after.map((text): DiffLine => ({ mark: "+", text }))
  if (before.length * after.length > cellsMost) return [...removed, ...added]
  const width = after.length + 1
  const longest = new Uint32Array((before.length + 1) * width)
  for (let b = before.length - 1; b >= 0; b--)
    for (let a = after.length - 1; a >= 0; a--)
      longest[b * width + a] =
        before[b] === after[a]
          ? longest[(b + 1) * width + a + 1]! + 1
          : Math.max(longest[(b + 1) * width + a]!, longest[b * width + a + 1]!)
  const lines: Array<DiffLine> = []
  let [b, a] = [0, 0]
  while (b < before.length && a < after.length) {
    if (before[b] === after[a]) {
      lines.push({ mark: " ", text: before[b]! })
      b++
      a++
    } else if (longest[(b + 1) * width + a]! >= longest[b * width + a + 1]!) lines.push(removed[b++]!)
    else lines.push(added[a++]!)
  }
  return [...lines, ...removed.slice(b), ...added.slice(a)]
}

/** What has to be done to the lines of one text to have the other. */
export const lineDiff = (before: string, after: string): ReadonlyArray<DiffLine> => {
  const [left, right] = [before.split("\n"), after.split("\n")]
  const same = (text: string): DiffLine => ({ mark: " ", text })
  let start = 0
  while (start < Math.min(left.length, right.length) && left[start] === right[start]) start++
  let end = 0
  while (
    end < Math.min(left.length, right.length) - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  )
    end++
  return [
    ...left.slice(0, start).map(same),
    ...middleOf(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...left.slice(left.length - end).map(same),
  ]
}
