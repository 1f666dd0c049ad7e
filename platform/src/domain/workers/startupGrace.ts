/** Agents that were connected to the process before this one need up to ten seconds to be back. */
const leastMs = 15_000
/** As long as another one came so recently, more of them are on their way: thousands need longer than a few. */
const anotherMs = 5_000
/** Somebody always comes. */
const mostMs = 5 * 60_000

/** Until when workers that have not come back to this process are not taken for silent. Milliseconds. */
export const startupGrace = (startedAt: number) => {
  let until = startedAt + leastMs
  return {
    until: () => until,
    /** One of those that were there before has come back. */
    cameBack: (now: number): void => {
      // After it is over, nobody has been waited for.
      if (now < until) until = Math.min(startedAt + mostMs, Math.max(until, now + anotherMs))
    },
  }
}
