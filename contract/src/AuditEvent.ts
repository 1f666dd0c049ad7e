import { Schema } from "effect"
import { AuditEventId, Timestamp } from "./Id.ts"

/** Something that happened and stays written down: who did what to what. The list only grows. */
export const AuditEvent = Schema.Struct({
  id: AuditEventId,
  at: Timestamp,
  /** A user's e-mail address, a worker's name, or `SkyPanel`. */
  actor: Schema.String,
  /** For programs, such as `worker.drained`. */
  action: Schema.String,
  /** For people, one sentence. */
  text: Schema.String,
  worker: Schema.NullOr(Schema.String),
  tone: Schema.Literals(["info", "good", "warn", "bad"]),
})
export type AuditEvent = typeof AuditEvent.Type
