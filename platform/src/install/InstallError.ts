import { Schema } from "effect"

/** Something that a worker is to be given cannot be made here. */
export class InstallError extends Schema.TaggedError<InstallError>()("InstallError", {
  what: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `${this.what} cannot be made: ${this.reason}`
  }
}
