import type * as Errors from "@skypanel/contract/Errors"
import type { Forbidden, NotFound, Unauthorized } from "@skypanel/contract/Errors"
import { Cause, Schema } from "effect"

type ContractError = Unauthorized | Forbidden | NotFound | InstanceType<(typeof Errors)[keyof typeof Errors]>
export type ProblemKind = ContractError["_tag"] | "Unreachable" | "Unexpected"

export interface Issue {
  /** Where in the request, such as `resources.cpu`. */
  readonly path: string
  readonly message: string
}

/** Why something could not be done, for people: what is wrong, and what to do next. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly next: string
  readonly issues: readonly Issue[]

  constructor(kind: ProblemKind, message: string, next: string, issues: readonly Issue[] = []) {
    super(message)
    this.name = "Problem"
    this.kind = kind
    this.next = next
    this.issues = issues
  }
}

const tagOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "_tag" in error ? String(error._tag) : ""

const isContractError = (error: unknown): error is ContractError =>
  typeof error === "object" && error !== null && "message" in error && "next" in error

const ofError = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (isContractError(error))
    return new Problem(error._tag, error.message, error.next, "issues" in error ? error.issues : [])
  if (Schema.isSchemaError(error))
    return new Problem(
      "Unexpected",
      "The platform's answer could not be read.",
      "The page may be older than the platform: reload it.",
    )
  if (tagOf(error) === "HttpClientError" && !hasResponse(error)) return unreachable
  return new Problem("Unexpected", "The platform answered with an error.", "Try again in a moment.")
}

const hasResponse = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "response" in error && error.response !== undefined

export const unreachable = new Problem(
  "Unreachable",
  "The platform does not answer.",
  "Check the connection, then try again.",
)

export const problemOf = (cause: Cause.Cause<unknown>): Problem => ofError(Cause.squash(cause))

/** Any thrown value as a problem, for what is caught at the edge of an element. */
export const asProblem = (error: unknown): Problem => ofError(error)
