import { Schema } from "effect"

/**
 * Why something that development or a test needs could not be started, in words for the person who
 * typed the command. `remedy` is what they can do about it; `log` is the end of the program's own output.
 */
export class CannotStart extends Schema.TaggedError<CannotStart>()("CannotStart", {
  what: Schema.String,
  why: Schema.String,
  remedy: Schema.optionalKey(Schema.String),
  log: Schema.optionalKey(Schema.String),
}) {
  override get message(): string {
    return `${this.what}: ${this.why}`
  }
}

/** The text that is printed: what and why, then the remedy, then the end of the log. */
export const explain = (failure: CannotStart): string =>
  [
    `${failure.what}: ${failure.why}`,
    ...(failure.remedy ? [`  → ${failure.remedy}`] : []),
    ...(failure.log ? [failure.log.trimEnd().replaceAll(/^/gm, "    ")] : []),
  ].join("\n")
