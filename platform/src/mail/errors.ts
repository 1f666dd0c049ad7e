import { Schema } from "effect"

/** What a server or the network said, for people, at most 300 characters. */
const said = { message: Schema.String }

/** The server will never take this message for this address. */
export class MailRefused extends Schema.TaggedError<MailRefused>()("MailRefused", said) {}

/** The server will not take this message now; later it may. */
export class MailDeferred extends Schema.TaggedError<MailDeferred>()("MailDeferred", said) {}

/** No message gets through: the server cannot be reached, or is not set up for us. `next` says what to do. */
export class MailUnavailable extends Schema.TaggedError<MailUnavailable>()("MailUnavailable", {
  ...said,
  next: Schema.String,
}) {}

export type MailError = MailRefused | MailDeferred | MailUnavailable

/** The settings cannot be used; `setting` is the name of the variable. */
export class BadMailSettings extends Schema.TaggedError<BadMailSettings>()("BadMailSettings", {
  setting: Schema.String,
  problem: Schema.String,
}) {
  override get message(): string {
    return `${this.setting} ${this.problem}`
  }
}
