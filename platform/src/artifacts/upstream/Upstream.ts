import { Schema } from "effect"
import type { CircuitBreaker } from "../../domain/artifacts/CircuitBreaker.ts"
import { InvalidNarInfo, narInfoMaxBytes } from "../../domain/artifacts/narInfo.ts"
import {
  type Compression,
  parseUpstreamNarInfo,
  type UpstreamCache,
  type UpstreamNarInfo,
  verifiedSignatures,
} from "../../domain/artifacts/upstream.ts"
import type { Signed } from "../ArtifactStore.ts"
import { bytesOf, get, mayLead } from "./request.ts"

/** An upstream cache did not answer, not in time, or with an error of its own. */
export class UpstreamFailed extends Schema.TaggedError<UpstreamFailed>()("UpstreamFailed", {
  message: Schema.String,
}) {}

/** A path that an upstream cache has, by its own word, which one of its keys has signed. */
export interface AwaitedPath {
  readonly info: UpstreamNarInfo
  readonly from: Upstream
  /** The signatures that were checked. */
  readonly verified: ReadonlyArray<Signed>
}

/** What S3 and its like answer, too, when there is nothing. */
const absent = new Set([401, 403, 404, 410])

/** One upstream cache, and how it has answered lately. */
export class Upstream {
  readonly cache: UpstreamCache
  readonly breaker: CircuitBreaker
  readonly #usable: ReadonlySet<Compression>

  constructor(cache: UpstreamCache, breaker: CircuitBreaker, usable: ReadonlySet<Compression>) {
    this.cache = cache
    this.breaker = breaker
    this.#usable = usable
  }

  #urlOf(name: string): URL {
    return new URL(name, `${this.cache.url.replace(/\/*$/, "")}/`)
  }

  /** Null when it has no such path; InvalidNarInfo when what it says is of no use; else rejects. */
  async find(hash: string, signal: AbortSignal): Promise<AwaitedPath | null> {
    const response = await get(this.#urlOf(`${hash}.narinfo`), signal)
    if (absent.has(response.status)) {
      await response.body?.cancel()
      return null
    }
    if (!response.ok) throw new Error(`it answers ${response.status}`)
    const pieces: Array<Buffer> = []
    // What waits for it has a deadline of its own.
    for await (const bytes of bytesOf(response, { limit: narInfoMaxBytes, idleMs: 60_000 }))
      pieces.push(bytes)
    const info = parseUpstreamNarInfo(Buffer.concat(pieces).toString("latin1"))
    if (info.storePath.hash !== hash) throw new InvalidNarInfo("it is of another path")
    if (!this.#usable.has(info.compression))
      throw new InvalidNarInfo(`the program ${info.compression} is missing here`)
    const verified = verifiedSignatures(info, this.cache.publicKeys)
    if (verified.length === 0) throw new InvalidNarInfo("none of its keys has signed it")
    return { info, from: this, verified }
  }

  /** Null when the file is not there. */
  async openNar({ info }: AwaitedPath, signal: AbortSignal): Promise<Response | null> {
    const url = this.#urlOf(info.url)
    // The signature does not cover it.
    if (!mayLead(this.#urlOf(""), url)) return null
    const response = await get(url, signal)
    if (response.ok) return response
    await response.body?.cancel()
    if (absent.has(response.status)) return null
    throw new Error(`it answers ${response.status}`)
  }
}
