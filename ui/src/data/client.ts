import { Api } from "@skypanel/contract/Api"
import { Effect, Exit } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Problem, problemOf } from "./problem.ts"

/** The one place where the page meets the contract's client; everything under `data/` calls through it. */
export const client = Effect.runSync(
  HttpApiClient.make(Api, { baseUrl: globalThis.location.origin }).pipe(
    Effect.provide(FetchHttpClient.layer),
  ),
)

type SignedOutListener = () => void
const signedOut = new Set<SignedOutListener>()

/** Calls back whenever an answer says that the session has ended. */
export const onSignedOut = (listener: SignedOutListener): (() => void) => {
  signedOut.add(listener)
  return () => signedOut.delete(listener)
}

export const reportSignedOut = (): void => {
  for (const listener of signedOut) listener()
}

/** Runs a request; rejects with a `Problem`, and with nothing else. */
export const call = async <A, E>(request: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> => {
  const exit = await Effect.runPromiseExit(request, signal ? { signal } : undefined)
  if (Exit.isSuccess(exit)) return exit.value
  const problem = problemOf(exit.cause)
  if (problem.kind === "Unauthorized") reportSignedOut()
  throw problem
}

/** Fields that the contract refuses are named here already, in the same form in which the platform names them. */
export const invalid = (issues: Problem["issues"]): Problem =>
  new Problem("InvalidInput", "Some fields need another value.", "Correct the marked fields.", issues)
