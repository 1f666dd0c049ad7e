import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"

/** Runs what the tests' lab is made of, outside a test: closes all of it at the end, the newest first. */
export const openScope = () => {
  const scope = Effect.runSync(Scope.make())
  return {
    run: <A, E>(effect: Effect.Effect<A, E, Scope.Scope | NodeServices.NodeServices>): Promise<A> =>
      Effect.runPromise(Scope.provide(effect, scope).pipe(Effect.provide(NodeServices.layer))),
    /** Is called when the scope closes. */
    onClose: (close: () => Promise<unknown> | unknown): void =>
      Effect.runSync(
        Scope.addFinalizer(
          scope,
          Effect.promise(async () => close()),
        ),
      ),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}

export type OpenScope = ReturnType<typeof openScope>
