import type { AwaitedPath } from "./Upstream.ts"

const most = 20_000

/** What upstream caches said lately, for a while: that they have something longer than that they have not. */
export class Answers {
  readonly #known = new Map<string, { readonly path: AwaitedPath | null; readonly until: number }>()
  readonly #times: { readonly hitMs: number; readonly missMs: number }

  constructor(times: { readonly hitMs: number; readonly missMs: number }) {
    this.#times = times
  }

  /** Undefined when nobody has to be believed any more. */
  get(hash: string): AwaitedPath | null | undefined {
    const known = this.#known.get(hash)
    return known === undefined || known.until < Date.now() ? undefined : known.path
  }

  set(hash: string, path: AwaitedPath | null): void {
    this.#known.delete(hash)
    const lifetime = path === null ? this.#times.missMs : this.#times.hitMs
    this.#known.set(hash, { path, until: Date.now() + lifetime })
    const oldest = this.#known.keys().next().value
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest)
  }
}
