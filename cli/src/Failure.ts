import { Schema } from "effect"

/**
 * What a shell script can tell apart. Documented in the help of `skypanel`.
 * - `failed`: what was waited for ended badly: the deployment is not live, the upgrade failed, the drain was stopped
 * - `usage`: wrong flags, or input that the platform refused
 * - `unreachable`: no platform found, none answers, or it does not know us
 * - `refused`: there is no such thing, or it cannot be done now
 * - `timeout`: `--timeout` passed; what was waited for goes on
 */
export const exitCodes = {
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  timeout: 5,
  interrupted: 130,
} as const

const words = { message: Schema.String, next: Schema.String }

/** No platform to talk to: none found, none answers, or its answer is not understood. */
export class PlatformUnreachable extends Schema.TaggedError<PlatformUnreachable>()(
  "PlatformUnreachable",
  words,
) {}

/** The command line asks for something that cannot be meant. `issues` names flags or fields. */
export class BadInput extends Schema.TaggedError<BadInput>()("BadInput", {
  ...words,
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
}) {}

/** Nothing to do it with: no release before, no build to show. */
export class NothingThere extends Schema.TaggedError<NothingThere>()("NothingThere", words) {}

/** A deployment that was waited for is not live. Its reasons are on the screen already. */
export class DeploymentNotLive extends Schema.TaggedError<DeploymentNotLive>()("DeploymentNotLive", words) {}

/** What was waited for has ended otherwise, such as a drain that somebody stopped. */
export class EndedOtherwise extends Schema.TaggedError<EndedOtherwise>()("EndedOtherwise", words) {}

/** What was checked cannot be built. Why, is on the screen already. */
export class ProblemsFound extends Schema.TaggedError<ProblemsFound>()("ProblemsFound", words) {}

/** `--timeout` passed. */
export class StillGoing extends Schema.TaggedError<StillGoing>()("StillGoing", words) {}
