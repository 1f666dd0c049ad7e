import type { ReactiveController, ReactiveControllerHost } from "lit"

/** Renders its element again every so often while that is wanted; with a pause when nobody looks. */
export class Clock implements ReactiveController {
  now = Date.now()
  private timer: ReturnType<typeof setTimeout> | null = null
  private readonly host: ReactiveControllerHost
  private readonly period: () => number | null

  /** `period`: milliseconds until the next tick, or null for none. */
  constructor(host: ReactiveControllerHost, period: () => number | null) {
    this.host = host
    this.period = period
    host.addController(this)
  }

  hostConnected(): void {
    this.host.requestUpdate()
  }

  hostUpdate(): void {
    this.now = Date.now()
  }

  hostUpdated(): void {
    if (this.timer !== null) return
    const period = this.period()
    if (period === null) return
    this.timer = setTimeout(() => {
      this.timer = null
      this.host.requestUpdate()
    }, period)
  }

  hostDisconnected(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
