import { Context, Effect, Layer, type Stream } from "effect"
import { makeChanges } from "../Changes.ts"

/**
 * When the platform is known to have heard this worker last: what it answered proves that. Time is this process' own;
 * neither clock has to be right. Longer than `lostAfterMs` without that: it is lost.
 */
export const lostAfterMs = 10_000

export class PlatformContact extends Context.Service<
  PlatformContact,
  {
    /** It has heard what was sent at this time (`performance.now()`). */
    readonly heardUs: (sentAt: number) => void
    /** Milliseconds since then; since this agent's start when it never was. */
    readonly silentMs: () => number
    readonly isLost: () => boolean
    /** The session opened or ended. */
    readonly setConnected: (connected: boolean) => Effect.Effect<void>
    readonly isConnected: () => boolean
    /** Ticks when a session opens or ends. */
    readonly changes: Stream.Stream<void>
  }
>()("agent/session/PlatformContact") {
  static readonly layer = Layer.effect(
    PlatformContact,
    Effect.gen(function* () {
      const changes = yield* makeChanges
      let heardAt = performance.now()
      let connected = false
      const silentMs = () => performance.now() - heardAt
      return {
        heardUs: (sentAt) => {
          heardAt = Math.max(heardAt, sentAt)
        },
        silentMs,
        isLost: () => silentMs() > lostAfterMs,
        setConnected: (now) =>
          Effect.suspend(() => {
            if (connected === now) return Effect.void
            connected = now
            return changes.tell
          }),
        isConnected: () => connected,
        changes: changes.stream,
      }
    }),
  )
}
