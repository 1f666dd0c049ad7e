/** So many at a time, and no queue. */
export interface Places {
  /** Null when there are as many already; else what says that it has ended, as often as it likes. */
  readonly begin: () => (() => void) | null
}

export const placesFor = (most: number): Places => {
  const going = new Set<symbol>()
  return {
    begin: () => {
      if (going.size >= most) return null
      const one = Symbol()
      going.add(one)
      return () => void going.delete(one)
    },
  }
}
