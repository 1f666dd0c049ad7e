import type { DeploymentFailure, FailureCode } from "@skypanel/contract/Deployment"
import { Schema } from "effect"

/** A build that ended for a reason that the customer can read. Everything else that goes wrong is a defect. */
export class BuildFailed extends Schema.TaggedError<BuildFailed>()("BuildFailed", {
  failure: Schema.Any,
}) {
  declare readonly failure: DeploymentFailure
}

/** At most so many log lines explain a failure. */
export const failureLinesMax = 40

/** A failure with its code, one sentence of what failed and one of what to do next. */
export const buildFailed = (
  code: FailureCode,
  title: string,
  next: string,
  more: Partial<Pick<DeploymentFailure, "detail" | "lines" | "location">> = {},
): BuildFailed =>
  new BuildFailed({
    failure: {
      step: "building",
      code,
      title,
      next,
      detail: more.detail ?? "",
      lines: (more.lines ?? []).slice(0, failureLinesMax),
      location: more.location ?? null,
    },
  })
