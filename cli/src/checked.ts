import { Result, Schema, SchemaIssue } from "effect"
import { BadInput } from "./Failure.ts"

/** A value that cannot be used: which flag or field, and why. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** Values of `command` that cannot be used. */
export const refuse = (issues: ReadonlyArray<Issue>, command: string) =>
  new BadInput({
    message: issues.length === 1 ? "One value cannot be used." : `${issues.length} values cannot be used.`,
    next: `Correct that and try again; \`${command} --help\` shows how each is written.`,
    issues,
  })

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/** Checks a request by the contract before it is sent, so that the field that is wrong can be named. */
export const checked = <A, I>(
  schema: Schema.Codec<A, I>,
  request: unknown,
  issues: ReadonlyArray<Issue>,
  command: string,
): Result.Result<A, BadInput> => {
  if (issues.length > 0) return Result.fail(refuse(issues, command))
  return Result.mapError(Schema.decodeUnknownResult(schema)(request, { errors: "all" }), (error) =>
    refuse(
      formatIssues(error.issue).issues.map((issue) => ({
        path: (issue.path ?? [])
          .map((key) => (typeof key === "object" ? key.key : key))
          .map(String)
          .join("."),
        message: issue.message,
      })),
      command,
    ),
  )
}
