import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

export const logLineMaxBytes = 16 * 1024

/** A line of a build or of a running service. Control sequences other than colours are gone. */
export const LogLine = Schema.Struct({
  /** Rises within one build, or within one instance's stream. */
  seq: Schema.Int,
  at: Timestamp,
  /** `note` is SkyPanel speaking. */
  stream: Schema.Literals(["stdout", "stderr", "note"]),
  text: Schema.String,
  /** Of a build: the phase it belongs to. Of a service: the first 12 characters of the container's id. */
  origin: Schema.String,
})
export type LogLine = typeof LogLine.Type
