import { Effect, Exit, Stream } from "effect"
import { reportSignedOut } from "./client.ts"
import { type Problem, type ProblemKind, problemOf } from "./problem.ts"
import { onHidden, onWake, untilShown } from "./wake.ts"

export interface Follower<A> {
  /** Items in the order in which they came, several at once when they came at once. */
  readonly items: (items: readonly A[]) => void
  /** True when the stream is open, false when it is down and will be opened again. */
  readonly live: (live: boolean) => void
  /** The stream ended by itself: true when it shall be opened again. Left out: always. */
  readonly again?: () => boolean | Promise<boolean>
  /** It will not come back, such as for a service that is gone. */
  readonly over?: (problem: Problem | null) => void
}

const firstDelayMs = 400
const longestDelayMs = 10_000
/** Asking again would be answered the same. */
const ends: ReadonlySet<ProblemKind> = new Set(["Unauthorized", "Forbidden", "NotFound", "NotPossibleNow"])

/** Waits, but not past a wake-up or the end of the subscription. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      stopWaiting()
      resolve()
    }
    const timer = setTimeout(done, ms)
    const stopWaiting = onWake(done)
    signal.addEventListener("abort", done, { once: true })
  })

/**
 * Opens a stream and keeps it open until the answer says stop. Returns how to stop. A page that nobody looks at has none
 * open: without HTTP/2 a browser has six connections for all tabs of a platform, and two tabs would use them up.
 */
export const subscribe = <A, E1, E2>(
  open: () => Effect.Effect<Stream.Stream<A, E1>, E2>,
  follower: Follower<A>,
): (() => void) => {
  const stop = new AbortController()
  void run(open, follower, stop.signal)
  return () => stop.abort()
}

const run = async <A, E1, E2>(
  open: () => Effect.Effect<Stream.Stream<A, E1>, E2>,
  follower: Follower<A>,
  signal: AbortSignal,
): Promise<void> => {
  let delay = firstDelayMs
  while (!signal.aborted) {
    await untilShown(signal)
    const woken = new AbortController()
    const stopWaking = onWake(() => woken.abort())
    const stopHiding = onHidden(() => woken.abort())
    const program = Effect.flatMap(open(), (stream) => {
      delay = firstDelayMs
      follower.live(true)
      return Stream.runForEachArray(stream, (items) =>
        Effect.sync(() => signal.aborted || follower.items(items)),
      )
    })
    const exit = await Effect.runPromiseExit(program, { signal: AbortSignal.any([signal, woken.signal]) })
    stopWaking()
    stopHiding()
    if (signal.aborted) return
    if (Exit.isSuccess(exit) && follower.again && !(await follower.again())) return follower.over?.(null)
    follower.live(false)
    if (woken.signal.aborted) continue
    if (Exit.isFailure(exit)) {
      const problem = problemOf(exit.cause)
      if (problem.kind === "Unauthorized") reportSignedOut()
      if (ends.has(problem.kind)) return follower.over?.(problem)
    }
    await pause(delay * (0.75 + Math.random() / 2), signal)
    delay = Math.min(longestDelayMs, delay * 2)
  }
}
