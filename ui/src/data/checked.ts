import { Exit, Schema } from "effect"
import { invalid } from "./client.ts"
import { issuesOf } from "./issues.ts"

/** Checks by the contract first, so that each bad field is named before anything is sent. */
export const checked = <A>(schema: Schema.Codec<A, unknown>, value: unknown): A => {
  const exit = Schema.decodeUnknownExit(schema, { errors: "all" })(value)
  if (Exit.isSuccess(exit)) return exit.value
  throw invalid(issuesOf(exit.cause))
}
