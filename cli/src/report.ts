import { Cause, Option } from "effect"
import { type HttpClientError, isHttpClientError } from "effect/http/HttpClientError"
import { exitCodes } from "./Failure.ts"

/** What went wrong, ready for the screen or for JSON. */
export interface Report {
  readonly tag: string
  readonly message: string
  readonly next: string
  readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }>
  readonly exitCode: number
}

const codeOf: Record<string, number> = {
  BadInput: exitCodes.usage,
  InvalidInput: exitCodes.usage,
  PlatformUnreachable: exitCodes.unreachable,
  Unauthorized: exitCodes.unreachable,
  Unavailable: exitCodes.unreachable,
  Forbidden: exitCodes.refused,
  NotFound: exitCodes.refused,
  NameTaken: exitCodes.refused,
  NotPossibleNow: exitCodes.refused,
  NoCapacity: exitCodes.refused,
  NothingThere: exitCodes.refused,
  DeploymentNotLive: exitCodes.failed,
  EndedOtherwise: exitCodes.failed,
  ProblemsFound: exitCodes.failed,
  StillGoing: exitCodes.timeout,
}

interface Worded {
  readonly _tag: string
  readonly message: string
  readonly next: string
  readonly issues?: Report["issues"]
}

const isWorded = (error: unknown): error is Worded =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  String(error._tag) in codeOf &&
  "next" in error

const unreachable = (message: string, next: string): Report => ({
  tag: "PlatformUnreachable",
  message,
  next,
  issues: [],
  exitCode: exitCodes.unreachable,
})

const ofHttp = (error: HttpClientError): Report => {
  const address = originOf(error.request.url)
  if (error.reason._tag === "TransportError")
    return unreachable(
      `The platform at ${address} does not answer.`,
      "See that it runs (`npm run dev:all` for development) and that its address is right.",
    )
  const status = error.response === undefined ? "" : ` (HTTP ${error.response.status})`
  return unreachable(
    `${address} answered, but not as a SkyPanel platform that this command line knows${status}.`,
    "See that the address is right and that both are of the same version.",
  )
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url)

/** Words and exit code for whatever a command ended with. */
export const reportOf = (error: unknown): Report => {
  if (isWorded(error))
    return {
      tag: error._tag,
      message: error.message,
      next: error.next,
      issues: error.issues ?? [],
      exitCode: codeOf[error._tag]!,
    }
  if (isHttpClientError(error)) return ofHttp(error)
  if (typeof error === "object" && error !== null && "_tag" in error && error._tag === "SchemaError")
    return unreachable(
      "The platform's answer is not one that this command line understands.",
      "See that both are of the same version.",
    )
  return {
    tag: "Defect",
    message: `Unexpected: ${error instanceof Error ? error.message : String(error)}`,
    next: "This is a mistake in the command line; please report it.",
    issues: [],
    exitCode: 70,
  }
}

/** Null when it only was interrupted. */
export const reportOfCause = (cause: Cause.Cause<unknown>): Report | null =>
  Cause.hasInterruptsOnly(cause)
    ? null
    : reportOf(Option.getOrElse(Cause.findErrorOption(cause), () => Cause.squash(cause)))
