import type { DeploymentFailure, FailureCode } from "@skypanel/contract/Deployment"
import { Schema } from "effect"
import { boundLine, plainLine } from "./LogText.ts"

/** A build that ended for a reason that the customer can read. Everything else that goes wrong is a defect. */
export class BuildFailed extends Schema.TaggedError<BuildFailed>()("BuildFailed", {
  failure: Schema.Any,
}) {
  declare readonly failure: DeploymentFailure
}

/** At most so many log lines explain a failure. */
export const failureLinesMax = 40
const suggestionsMax = 5

/** Much of it comes from the source or from a remote: it is cleaned and bounded, in bytes. */
const told = (text: string, maxBytes: number): string =>
  boundLine(text.split("\n").map(plainLine).join("\n"), maxBytes)

/** A failure with its code, one sentence of what failed and one of what to do next. */
export const buildFailed = (
  code: FailureCode,
  title: string,
  next: string,
  more: Partial<Pick<DeploymentFailure, "detail" | "lines" | "location" | "suggestions">> = {},
): BuildFailed =>
  new BuildFailed({
    failure: {
      step: "building",
      code,
      title: told(title, 500),
      next: told(next, 500),
      detail: told(more.detail ?? "", 4096),
      lines: (more.lines ?? []).slice(0, failureLinesMax).map((line) => told(line, 2048)),
      location: more.location ?? null,
      ...(more.suggestions !== undefined && {
        suggestions: more.suggestions.slice(0, suggestionsMax).map((name) => told(name, 200)),
      }),
    },
  })
