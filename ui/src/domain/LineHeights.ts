/**
 * The heights of many lines, of which most are estimated and a few measured: where a line begins and which line is
 * at a place are both found in logarithmic time (a Fenwick tree).
 */
export class LineHeights {
  private heights: number[] = []
  /** `tree[i - 1]` is the sum of the heights of the `lowest bit of i` lines that end with line i (from 1). */
  private tree: number[] = []

  get count(): number {
    return this.heights.length
  }

  clear(): void {
    this.heights = []
    this.tree = []
  }

  append(height: number): void {
    this.heights.push(height)
    const at = this.heights.length
    let sum = height
    for (let step = 1; step < (at & -at); step <<= 1) sum += this.tree[at - step - 1]!
    this.tree.push(sum)
  }

  heightOf(index: number): number {
    return this.heights[index] ?? 0
  }

  set(index: number, height: number): void {
    const change = height - this.heights[index]!
    if (change === 0) return
    this.heights[index] = height
    for (let at = index + 1; at <= this.tree.length; at += at & -at) this.tree[at - 1]! += change
  }

  /** The sum of the heights of all lines before this one. */
  offsetOf(index: number): number {
    let sum = 0
    for (let at = Math.min(index, this.count); at > 0; at -= at & -at) sum += this.tree[at - 1]!
    return sum
  }

  get total(): number {
    return this.offsetOf(this.count)
  }

  /** The line at this distance from the top; the last one for what is below all. */
  indexAt(offset: number): number {
    let at = 0
    let rest = offset
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.count))); step > 0; step >>= 1) {
      const next = at + step
      if (next <= this.count && this.tree[next - 1]! <= rest) {
        at = next
        rest -= this.tree[next - 1]!
      }
    }
    return Math.max(0, Math.min(at, this.count - 1))
  }
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/gu

/** How many rows of a monospaced font a text takes, about: good enough until it is measured. */
export const rowsOf = (text: string, columns: number): number => {
  const tabs = text.split("\t").length - 1
  const length =
    text.length + 7 * tabs + (/[^\u0020-\u007e\t]/.test(text) ? (text.match(wide)?.length ?? 0) : 0)
  return Math.max(1, Math.ceil(length / Math.max(1, columns)))
}
