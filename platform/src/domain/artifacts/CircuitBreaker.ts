/**
 * Keeps requests from a server that does not answer: after so many failures in a row it lets none through for a while,
 * then one, to see. Times are milliseconds of any clock.
 */
export class CircuitBreaker {
  readonly #failuresMost: number
  readonly #coolDownMs: number
  #failures = 0
  #closedUntil = Number.NEGATIVE_INFINITY
  /** Whether one was let through to see, whose end is not known yet. */
  #probing = false

  constructor(failuresMost: number, coolDownMs: number) {
    this.#failuresMost = failuresMost
    this.#coolDownMs = coolDownMs
  }

  get open(): boolean {
    return this.#failures >= this.#failuresMost
  }

  /** Whether a request may be made now. Whoever is let through says how it ended. */
  admits(now: number): boolean {
    if (!this.open) return true
    if (now < this.#closedUntil) return false
    // Until this one has ended, or for as long again when it never does, it is the only one.
    this.#closedUntil = now + this.#coolDownMs
    this.#probing = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#probing = false
  }

  /** Who was let through has left before there was an answer: the next one may see. */
  unheard(now: number): void {
    if (this.#probing) this.#closedUntil = now
    this.#probing = false
  }

  failed(now: number): void {
    this.#failures++
    this.#probing = false
    if (this.open) this.#closedUntil = now + this.#coolDownMs
  }
}
