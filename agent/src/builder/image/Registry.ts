import { type ImageReference, registryHost } from "@skypanel/contract/image/ImageReference"
import { Data } from "effect"
import { answerChallenge, parseChallenge, type RegistryLogin } from "./RegistryAuth.ts"
import { ask, type Method, type RegistryAnswer, RegistryFailed, type Way } from "./RegistryRequest.ts"

/** What a registry says instead of giving what it is asked for. */
export class RegistryRefused extends Data.TaggedError("RegistryRefused")<{
  readonly why: "not-found" | "unauthorized" | "limited"
}> {}

const tries = 4
const longestPauseMs = 20_000

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", aborted)
      resolve()
    }, ms)
    signal.addEventListener("abort", aborted, { once: true })
  })

/** How long a registry that is asked too often wants to be left alone. */
const wantedPauseMs = ({ headers }: RegistryAnswer, otherwise: number): number => {
  const seconds = Number(headers["retry-after"] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : otherwise
}

/** One repository of a registry, for one fetch: it remembers its token and forgets it with the fetch. */
export class Registry {
  readonly #way: Way
  readonly #login: RegistryLogin | null
  readonly #repository: string
  readonly #base: URL
  #authorization: string | null = null

  /** `plain`: without TLS, which only a registry of this machine's own may be. */
  constructor(
    way: Way,
    { registry, repository }: Pick<ImageReference, "registry" | "repository">,
    login: RegistryLogin | null,
    plain: boolean,
  ) {
    this.#way = way
    this.#login = login
    this.#repository = repository
    this.#base = new URL(`${plain ? "http" : "https"}://${registryHost(registry)}/v2/${repository}/`)
  }

  /** Gives an answer of status 200, or 206 where a part was asked for. Throws RegistryRefused and RegistryFailed. */
  get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<RegistryAnswer> {
    return this.#ask("GET", path, headers, signal)
  }

  /** Only what the answer's head says; null: the registry does not answer like that. */
  async head(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const answer = await this.#ask("HEAD", path, headers, signal)
    answer.body.destroy()
    return answer.status === 405 ? null : answer.headers
  }

  async #ask(
    method: Method,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RegistryAnswer> {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === tries
      const backoff = Math.min(200 * 3 ** attempt, longestPauseMs)
      const answer = await this.#authorized(method, path, headers, signal).catch((error: unknown) => {
        if (last || !(error instanceof RegistryFailed && error.again) || signal.aborted) throw error
        return null
      })
      if (answer === null) {
        await pause(backoff, signal)
        continue
      }
      const { status } = answer
      if (status === 200 || (status === 206 && headers.range !== undefined)) return answer
      if (method === "HEAD" && status === 405) return answer
      answer.body.destroy()
      if (status === 404) throw new RegistryRefused({ why: "not-found" })
      if (status === 401 || status === 403) throw new RegistryRefused({ why: "unauthorized" })
      const busy = status === 429
      const wanted = busy ? wantedPauseMs(answer, backoff) : backoff
      if (busy && (last || wanted > longestPauseMs)) throw new RegistryRefused({ why: "limited" })
      if (last || !(busy || status >= 500))
        throw new RegistryFailed({ detail: `it answered ${status}`, again: false })
      await pause(wanted, signal)
    }
  }

  async #authorized(
    method: Method,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) {
    const url = new URL(path, this.#base).href
    const own = () => (this.#authorization === null ? {} : { authorization: this.#authorization })
    const answer = await ask(this.#way, url, { ...headers, ...own() }, signal, method)
    // Whom it redirects to learns nothing of who asks, also when it says that it has to.
    const asks = answer.status === 401 && answer.origin === this.#base.origin
    const challenge = asks ? parseChallenge(answer.headers["www-authenticate"] ?? "") : null
    if (challenge === null) return answer
    // Also when the token that it gave before is over.
    this.#authorization = await answerChallenge(
      this.#way,
      this.#base,
      this.#repository,
      challenge,
      this.#login,
      signal,
    )
    if (this.#authorization === null) return answer
    answer.body.destroy()
    return ask(this.#way, url, { ...headers, ...own() }, signal, method)
  }
}
