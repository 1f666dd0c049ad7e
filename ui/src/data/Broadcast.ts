import type { Effect, Stream } from "effect"
import { subscribe } from "./subscription.ts"

type LiveListener = (live: boolean) => void

/** One stream, opened once and shared by everything on the page that listens to it. */
export class Broadcast<K extends string, A, E1, E2> {
  /** Is what it brings true? Also while nothing is followed. */
  live = true
  private key: K | null = null
  private stop: (() => void) | null = null
  private readonly listeners = new Set<(item: A) => void>()
  private readonly liveListeners = new Set<LiveListener>()
  private readonly open: (key: K) => Effect.Effect<Stream.Stream<A, E1>, E2>

  /** `open`: of what is followed, such as an organization, the stream. */
  constructor(open: (key: K) => Effect.Effect<Stream.Stream<A, E1>, E2>) {
    this.open = open
  }

  /** Null follows nothing. Following the same one again changes nothing. */
  follow(key: K | null): void {
    if (key === this.key) return
    this.stop?.()
    this.stop = null
    this.key = key
    this.setLive(key === null)
    if (key === null) return
    this.stop = subscribe(() => this.open(key), {
      items: (items) => {
        for (const item of items) for (const listener of this.listeners) listener(item)
      },
      live: (live) => this.setLive(live),
    })
  }

  listen(listener: (item: A) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Calls back at once, and whenever the stream opens or breaks. */
  onLive(listener: LiveListener): () => void {
    this.liveListeners.add(listener)
    listener(this.live)
    return () => this.liveListeners.delete(listener)
  }

  private setLive(live: boolean): void {
    this.live = live
    for (const listener of this.liveListeners) listener(live)
  }
}
