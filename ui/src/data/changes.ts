import type { Change } from "@skypanel/contract/Api"
import { client } from "./client.ts"
import { subscribe } from "./subscription.ts"

type Listener = (change: Change) => void
type LiveListener = (live: boolean) => void

/** The changes of one organization at a time, shared by everything on the page. */
class Changes {
  private organization: string | null = null
  private stop: (() => void) | null = null
  private readonly listeners = new Set<Listener>()
  private readonly liveListeners = new Set<LiveListener>()
  live = false

  /** Follows an organization; null follows none. Following the same one again changes nothing. */
  follow(organization: string | null): void {
    if (organization === this.organization) return
    this.stop?.()
    this.stop = null
    this.organization = organization
    this.setLive(false)
    if (organization === null) return
    this.stop = subscribe(() => client.events.follow({ params: { organization } }), {
      items: (changes) => {
        for (const change of changes) for (const listener of this.listeners) listener(change)
      },
      live: (live) => this.setLive(live),
    })
  }

  listen(listener: Listener): () => void {
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

export const changes = new Changes()
