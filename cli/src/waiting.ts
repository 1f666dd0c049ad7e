import { Duration, Effect } from "effect"
import { BadInput, StillGoing } from "./Failure.ts"
import { parseDuration } from "./render/time.ts"
import { Screen } from "./Screen.ts"

/** The flags of every command that can wait. */
export interface Waiting {
  readonly wait: boolean
  readonly timeout: string
}

/** Reads `--timeout`. */
export const waitingTime = (text: string) => {
  const ms = parseDuration(text)
  return ms === null || ms === 0
    ? Effect.fail(
        new BadInput({
          message: "One value cannot be used.",
          next: "Correct that and try again.",
          issues: [{ path: "--timeout", message: "write a time such as 90s, 10m or 1h" }],
        }),
      )
    : Effect.succeed(Duration.millis(ms))
}

/** Waits for what goes on by itself: when the time is over, and on Ctrl-C, only the waiting ends, and `goesOn` is said. */
export const waitFor =
  (of: { readonly atMost: Duration.Duration; readonly notYet: string; readonly goesOn: string }) =>
  <A, E, R>(ending: Effect.Effect<A, E, R>) =>
    ending.pipe(
      Effect.timeoutOrElse({
        duration: of.atMost,
        orElse: () =>
          Effect.fail(
            new StillGoing({ message: `${of.notYet} after ${Duration.format(of.atMost)}.`, next: of.goesOn }),
          ),
      }),
      Effect.onInterrupt(() => Effect.flatMap(Screen, (screen) => screen.note(`\n${of.goesOn}`))),
    )
