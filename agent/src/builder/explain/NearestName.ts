/** The names that exist where an expression may look for one. */
export interface Names {
  readonly pkgs: ReadonlyArray<string>
  readonly lib: ReadonlyArray<string>
  readonly builtins: ReadonlyArray<string>
}

export const noNames: Names = { pkgs: [], lib: [], builtins: [] }

/**
 * How many letters have to be added, taken away, changed or swapped with their neighbour (optimal string alignment);
 * `max` + 1 as soon as it is more than `max`.
 */
export const editDistance = (a: string, b: string, max: number): number => {
  if (Math.abs(a.length - b.length) > max) return max + 1
  let before: Array<number> = []
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let line = 1; line <= a.length; line++) {
    const next = [line]
    for (let column = 1; column <= b.length; column++) {
      const same = a[line - 1] === b[column - 1] ? 0 : 1
      let best = Math.min(row[column]! + 1, next[column - 1]! + 1, row[column - 1]! + same)
      if (line > 1 && column > 1 && a[line - 1] === b[column - 2] && a[line - 2] === b[column - 1])
        best = Math.min(best, before[column - 2]! + 1)
      next.push(best)
    }
    // A swap of neighbours goes on from the row before the last one.
    if (Math.min(...next) > max && Math.min(...row) >= max) return max + 1
    before = row
    row = next
  }
  return Math.min(row[b.length]!, max + 1)
}

/** Up to `count` of the names, the nearest first; letters' case and the signs between words count little. */
export const nearestNames = (
  wanted: string,
  names: ReadonlyArray<string>,
  count = 3,
): ReadonlyArray<string> => {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_.]/g, "")
  const max = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)))
  const target = plain(wanted)
  return names
    .map((name) => ({ name, distance: editDistance(target, plain(name), max) }))
    .filter(({ name, distance }) => distance <= max && name !== wanted)
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name)
}
