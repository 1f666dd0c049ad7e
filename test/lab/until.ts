/** Looks until it gives a value, and says what it waited for when it does not. */
export const until = async <A>(what: string, look: () => Promise<A | null>, seconds = 60): Promise<A> => {
  const deadline = performance.now() + seconds * 1000
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const found = await look()
      if (found !== null) return found
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${seconds} s for ${what}`, { cause: last })
}
