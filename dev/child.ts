import { Cause, Deferred, Effect, Exit, Schedule, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { CannotStart } from "./CannotStart.ts"
import { launch, type Program, type RunningProgram } from "./program.ts"
import { say } from "./say.ts"

/** A program of ours that is started again when it ends by itself. */
export interface Child {
  readonly program: Program
  /** Succeeds once it does its work; asked every 100 ms. */
  readonly isReady: Effect.Effect<void, unknown>
  /** Milliseconds until it has to be ready. */
  readonly readyWithin: number
}

/** How often a child may end within `WINDOW` milliseconds before everything is given up. */
const MOST_ENDS = 5
const WINDOW = 120_000

/** The pause before the n-th start again, in milliseconds: 0.5 s, 1 s, 2 s … at most 10 s. */
export const pauseBefore = (ends: number): number => Math.min(500 * 2 ** (ends - 1), 10_000)

const untilReady = ({ program, isReady, readyWithin }: Child, running: RunningProgram) => {
  const cannot = (why: string) => new CannotStart({ what: program.name, why, log: running.tail() })
  let last = ""
  return isReady.pipe(
    Effect.tapError((error) =>
      Effect.sync(() => (last = error instanceof Error ? error.message : String(error))),
    ),
    Effect.retry(Schedule.spaced(100)),
    Effect.timeoutOrElse({
      duration: readyWithin,
      orElse: () => cannot(`not ready after ${readyWithin / 1000} seconds: ${last}`),
    }),
    Effect.raceFirst(
      Effect.flatMap(running.ended, (code) => cannot(`ended with exit code ${code} before it was ready`)),
    ),
    Effect.mapError((error) => (error instanceof CannotStart ? error : cannot(String(error)))),
  )
}

/** One run: from its start to the end of the program. */
const runOnce = (child: Child, ready: Deferred.Deferred<void, CannotStart>) =>
  Effect.gen(function* () {
    const running = yield* launch(child.program)
    yield* untilReady(child, running)
    yield* Deferred.succeed(ready, undefined)
    const code = yield* running.ended
    return { why: `exit code ${code}`, log: running.tail() }
  }).pipe(
    Effect.scoped,
    Effect.catchTag("CannotStart", ({ why, log }) => Effect.succeed({ why, log: log ?? "" })),
  )

/** Runs again and again; ends only by failing, when the program ends too often. */
const runOn = Effect.fnUntraced(function* (child: Child, ready: Deferred.Deferred<void, CannotStart>) {
  const { name, log } = child.program
  let ends: ReadonlyArray<number> = []
  while (true) {
    const { why, log: tail } = yield* runOnce(child, ready)
    ends = [...ends, Date.now()].filter((at) => at > Date.now() - WINDOW)
    const started = yield* Deferred.isDone(ready)
    if (!started || ends.length >= MOST_ENDS)
      return yield* new CannotStart({
        what: name,
        why: started ? `ended ${ends.length} times in two minutes; last: ${why}` : why,
        remedy: `its log is ${log}`,
        log: tail,
      })
    const pause = pauseBefore(ends.length)
    say(`${name} ended (${why}); starting it again in ${pause / 1000} s. Its log: ${log}.1`)
    yield* Effect.sleep(pause)
  }
})

/**
 * Starts a child and returns when it is ready. From then on it is kept running until the scope closes; when that
 * cannot be done any more, `failed` fails.
 */
export const keepRunning: (
  child: Child,
  failed: Deferred.Deferred<never, CannotStart>,
) => Effect.Effect<void, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.fnUntraced(function* (child: Child, failed: Deferred.Deferred<never, CannotStart>) {
    const ready = yield* Deferred.make<void, CannotStart>()
    yield* runOn(child, ready).pipe(
      Effect.onExit((exit) => {
        if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return Effect.void
        const error = Cause.squash(exit.cause)
        const cause =
          error instanceof CannotStart
            ? error
            : new CannotStart({ what: child.program.name, why: String(error) })
        return Effect.andThen(Deferred.fail(ready, cause), Deferred.fail(failed, cause))
      }),
      Effect.ignoreCause,
      Effect.forkScoped,
    )
    yield* Deferred.await(ready)
  })
