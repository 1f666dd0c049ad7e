import type { LogLine } from "@skypanel/contract/Log"
import type { ReactiveController, ReactiveControllerHost } from "lit"
import type { Follower } from "../data/subscription.ts"
import { LogBuffer } from "../domain/LogBuffer.ts"

/** Follows one log while its element is shown; another key starts an empty buffer. */
export class LogFollow<K extends readonly unknown[]> implements ReactiveController {
  buffer = new LogBuffer()
  live = true
  /** The log has ended, or is gone. */
  over = false
  private current: K | null = null
  private connected = false
  private stop: (() => void) | null = null
  private readonly host: ReactiveControllerHost
  private readonly key: () => K | null
  private readonly follow: (key: K, follower: Follower<LogLine>) => () => void

  constructor(
    host: ReactiveControllerHost,
    key: () => K | null,
    follow: (key: K, follower: Follower<LogLine>) => () => void,
  ) {
    this.host = host
    this.key = key
    this.follow = follow
    host.addController(this)
  }

  hostConnected(): void {
    this.connected = true
    this.host.requestUpdate()
  }

  hostDisconnected(): void {
    this.connected = false
    this.end()
  }

  hostUpdate(): void {
    const key = this.key()
    const same = key !== null && this.current !== null && key.every((part, at) => part === this.current?.[at])
    if (!this.connected || same || (key === null && this.current === null)) return
    this.end()
    this.current = key
    if (key === null) return
    this.buffer = new LogBuffer()
    this.over = false
    this.live = true
    const buffer = this.buffer
    this.stop = this.follow(key, {
      items: (lines) => buffer.append(lines),
      live: (live) => this.put(live, false),
      over: () => this.put(true, true),
    })
  }

  private put(live: boolean, over: boolean): void {
    if (this.live === live && this.over === over) return
    this.live = live
    this.over = over
    this.host.requestUpdate()
  }

  private end(): void {
    this.stop?.()
    this.stop = null
    this.current = null
  }
}
