/**
 * How much is under way at a time: for all together, and for each owner, so that none keeps the others out. Gives
 * nothing when there is no slot, else what gives it back.
 */
export const makeSlots = (together: number, each: number) => {
  const held = new Map<string, number>()
  let all = 0
  return (owner: string): (() => void) | null => {
    const own = held.get(owner) ?? 0
    if (all >= together || own >= each) return null
    all++
    held.set(owner, own + 1)
    let given = false
    return () => {
      if (given) return
      given = true
      all--
      const left = held.get(owner)! - 1
      if (left === 0) held.delete(owner)
      else held.set(owner, left)
    }
  }
}
