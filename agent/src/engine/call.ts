import { Effect, Schema } from "effect"

export class EngineError extends Schema.TaggedError<EngineError>()("EngineError", {
  operation: Schema.String,
  reason: Schema.String,
}) {}

/** One request to the Docker Engine of this machine. An engine that hangs must not hang us. */
export const call = <A>(
  operation: string,
  run: () => Promise<A>,
  seconds = 10,
): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) => new EngineError({ operation, reason: (error as Error).message }),
  }).pipe(
    Effect.timeoutOrElse({
      duration: `${seconds} seconds`,
      orElse: () => Effect.fail(new EngineError({ operation, reason: `no answer in ${seconds} s` })),
    }),
  )
