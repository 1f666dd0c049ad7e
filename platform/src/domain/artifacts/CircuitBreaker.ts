/**
 * Keeps requests from a server that does not answer: after so many failures in a row it lets none through for a while,
 * then one, to see. Times are milliseconds of any clock.
 */
export class CircuitBreaker {
  readonly #failuresMost: number
  readonly #coolDownMs: number
  #failures = 0
  #closedUntil = Number.NEGATIVE_INFINITY

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
    return true
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(now: number): void {
    this.#failures++
    if (this.open) this.#closedUntil = now + this.#coolDownMs
  }
}
