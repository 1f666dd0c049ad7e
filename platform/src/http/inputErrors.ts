import { InvalidInput } from "@skypanel/contract/Errors"
import { InputErrors } from "@skypanel/contract/Session"
import { Effect, SchemaIssue } from "effect"
import { HttpApiMiddleware } from "effect/http-api"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const keyOf = (segment: unknown): string =>
  typeof segment === "object" && segment !== null && "key" in segment ? String(segment.key) : String(segment)

export const layerInputErrors = HttpApiMiddleware.layerSchemaErrorTransform(InputErrors, (error) => {
  const issues = format(error.cause.issue).issues.map((issue) => ({
    path: (issue.path ?? []).map(keyOf).join("."),
    message: issue.message,
  }))
  const [first] = issues
  return Effect.fail(
    new InvalidInput({
      message: first === undefined ? "The request is not as it should be." : first.message,
      next: first?.path ? `Correct ${first.path}.` : "Correct the request.",
      issues,
    }),
  )
})
