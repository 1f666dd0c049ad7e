const stopped = new Promise<never>((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => reject(new Error(signal)))
})
// Whoever works when it comes fails by it; nobody else has to.
stopped.catch(() => undefined)

/** The work, or a failure as soon as a person ends the benchmark: what was started for it is removed all the same. */
export const unlessStopped = <A>(work: Promise<A>): Promise<A> => Promise.race([work, stopped])
