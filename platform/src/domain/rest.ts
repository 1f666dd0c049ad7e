/** Looks at everything may take a twentieth of the time: what takes long in a large fleet is done less often there. */
const share = 1 / 20

/** Milliseconds to wait after a look that took so long, before the next: never less than `leastMs`. */
export const restMs = (tookMs: number, leastMs: number): number => Math.max(leastMs, tookMs / share - tookMs)
