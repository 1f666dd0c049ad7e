import { Effect } from "effect"
import { OrchestratorError } from "./Orchestrator.ts"

interface DockerError {
  readonly statusCode?: number
  readonly message?: string
}

/** One request to Docker; one that it does not answer is given up after half a minute. */
export const call = <A>(operation: string, run: () => Promise<A>): Effect.Effect<A, OrchestratorError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new OrchestratorError({ operation, reason: (error as DockerError).message ?? String(error) }),
  }).pipe(
    Effect.timeoutOrElse({
      duration: "30 seconds",
      orElse: () =>
        Effect.fail(new OrchestratorError({ operation, reason: "Docker did not answer in 30 s" })),
    }),
  )

/** Runs it, and takes the answers with these statuses as done: the thing is there, or gone, already. */
export const tolerating =
  (...statuses: ReadonlyArray<number>) =>
  (run: () => Promise<unknown>) =>
  (): Promise<void> =>
    run().then(
      () => undefined,
      (error: DockerError) => {
        if (!statuses.includes(error.statusCode ?? 0)) throw error
      },
    )
