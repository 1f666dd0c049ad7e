import type { FleetChange } from "@skypanel/contract/api/FleetGroup"
import type { Change } from "@skypanel/contract/api/shapes"
import type { ReactiveController, ReactiveControllerHost } from "lit"
import { changes, fleetChanges } from "../data/changes.ts"
import { patiently } from "../data/patience.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { Pace } from "./Pace.ts"

export interface ResourceOptions<K extends readonly unknown[], A> {
  /** What is read: when one of these differs from before, the old value is dropped. Null: nothing to read yet. */
  readonly key: () => K | null
  readonly read: (key: K, signal: AbortSignal) => Promise<A>
  /** Which changes mean that it has to be read again. A `resync` always does. */
  readonly on?: (change: Change, key: K) => boolean
  /** The same for changes of the fleet. Where there is only this, changes of the organization do not matter. */
  readonly onFleet?: (change: FleetChange, key: K) => boolean
  /** The old value stays while that of another key is read, as for a list that is searched. */
  readonly keep?: boolean
}

/** Measurements come with every heartbeat of every worker; nobody reads faster than this. */
const measurementsMs = 5000

/**
 * Something read from the platform that stays true: read when shown, again at each change that concerns it, and on
 * demand. An old value stays on the screen while a newer one is read, and when reading it fails.
 */
export class Resource<K extends readonly unknown[], A> implements ReactiveController {
  value: A | undefined
  problem: Problem | null = null
  private key: K | null = null
  private reading: AbortController | null = null
  private stale = false
  private readonly stops: (() => void)[] = []
  private readonly pace = new Pace(measurementsMs, () => this.reload())

  private readonly host: ReactiveControllerHost
  private readonly options: ResourceOptions<K, A>

  constructor(host: ReactiveControllerHost, options: ResourceOptions<K, A>) {
    this.host = host
    this.options = options
    host.addController(this)
  }

  hostConnected(): void {
    const { on, onFleet } = this.options
    this.pace.start()
    this.stops.push(() => this.pace.stop())
    if (on || !onFleet)
      this.stops.push(
        changes.listen((change) => {
          if (this.key !== null && (change.kind === "resync" || on?.(change, this.key))) this.reload()
        }),
      )
    if (onFleet)
      this.stops.push(
        fleetChanges.listen((change) => {
          if (this.key === null || (change.kind !== "resync" && !onFleet(change, this.key))) return
          if (change.kind === "measurements") this.pace.wish()
          else this.reload()
        }),
      )
    if (this.key !== null) this.reload()
  }

  hostDisconnected(): void {
    for (const stop of this.stops.splice(0)) stop()
    this.reading?.abort()
    this.reading = null
  }

  hostUpdate(): void {
    const key = this.options.key()
    if (sameKey(key, this.key)) return
    this.key = key
    if (!this.options.keep) this.value = undefined
    this.problem = null
    this.reading?.abort()
    this.reading = null
    if (key !== null) void this.start(key)
  }

  /** Reads again; while it is being read already, once more after that. */
  reload(): void {
    if (this.key === null) return
    if (this.reading) this.stale = true
    else void this.start(this.key)
  }

  /** Puts a value that an answer brought, so that the screen need not wait for the next read. */
  put(value: A): void {
    this.value = value
    this.host.requestUpdate()
  }

  private async start(key: K): Promise<void> {
    const reading = new AbortController()
    this.reading = reading
    this.stale = false
    try {
      const value = await patiently(() => this.options.read(key, reading.signal), reading.signal)
      if (reading.signal.aborted) return
      this.value = value
      this.problem = null
    } catch (error) {
      if (reading.signal.aborted) return
      this.problem = asProblem(error)
    }
    this.reading = null
    this.host.requestUpdate()
    if (this.stale) this.reload()
  }
}

const sameKey = (a: readonly unknown[] | null, b: readonly unknown[] | null): boolean =>
  a === b || (a !== null && b !== null && a.length === b.length && a.every((part, at) => part === b[at]))
