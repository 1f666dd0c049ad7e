/** A secret of the fleet, and when this worker learned it. */
export interface KnownSecret {
  readonly secret: string
  readonly sinceMs: number
}

/** A new one is accepted at once, but used only when the others can be expected to know it too. */
const settledMs = 10_000
/** For those who have not heard of the new one yet. */
const acceptedMs = 5 * 60_000
const knownMost = 8

/** What cannot be mistaken for anything else in the proxy's maps, and cannot be guessed. */
const form = /^[A-Za-z0-9._~+/=-]{16,200}$/

/** Oldest first. A secret that is not in form is as good as none. */
export const learn = (
  known: ReadonlyArray<KnownSecret>,
  secret: string,
  nowMs: number,
): ReadonlyArray<KnownSecret> => {
  if (known.at(-1)?.secret === secret || !form.test(secret)) return known
  const others = known.filter((one) => one.secret !== secret)
  return [...others, { secret, sinceMs: known.length === 0 ? Number.NEGATIVE_INFINITY : nowMs }].slice(
    -knownMost,
  )
}

/** The one to prove oneself with; null when the platform has given none. */
export const sentOf = (known: ReadonlyArray<KnownSecret>, nowMs: number): string | null =>
  (known.findLast(({ sinceMs }) => nowMs - sinceMs >= settledMs) ?? known[0])?.secret ?? null

/** Those by which others are known. */
export const acceptedOf = (known: ReadonlyArray<KnownSecret>, nowMs: number): ReadonlyArray<string> =>
  known
    .filter((_, n) => {
      const successor = known[n + 1]
      return successor === undefined || nowMs - successor.sinceMs < acceptedMs
    })
    .map(({ secret }) => secret)
