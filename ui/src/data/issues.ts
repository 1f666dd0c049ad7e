import { Cause, Schema, SchemaIssue } from "effect"
import type { Issue } from "./problem.ts"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const keyOf = (segment: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof segment === "object" ? segment.key : segment)

/** The fields that a schema refused, each with its path in the form `resources.cpu`. */
export const issuesOf = (cause: Cause.Cause<Schema.SchemaError>): readonly Issue[] => {
  const error = Cause.squash(cause)
  if (!Schema.isSchemaError(error)) return []
  return format(error.issue).issues.map((issue) => ({
    path: (issue.path ?? []).map(keyOf).join("."),
    message: issue.message,
  }))
}
