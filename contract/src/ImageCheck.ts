import { Schema } from "effect"
import { DeploymentFailure } from "./Deployment.ts"
import { Timestamp } from "./Id.ts"

/** What becomes of a digest that an image's tag leads to from now on: nothing, members are told, or it is deployed. */
export const ImageAction = Schema.Literals(["off", "notify", "deploy"])
export type ImageAction = typeof ImageAction.Type

/** Registries count who asks them. */
export const imageMinutes = { least: 15, usual: 60, most: 1440 } as const

/** So long a question for a check waits for its answer at most. Seconds. */
export const imageWaitMost = 10

export const ChangeImagePolicy = Schema.Struct({
  action: ImageAction,
  /** How often the registry is asked; left out: every hour. With `off` it is asked by hand only. */
  minutes: Schema.optionalKey(
    Schema.Int.check(
      Schema.isBetween(
        { minimum: imageMinutes.least, maximum: imageMinutes.most },
        { message: "from 15 minutes to one day" },
      ),
    ),
  ),
})
export type ChangeImagePolicy = typeof ChangeImagePolicy.Type

const { code, title, detail, next } = DeploymentFailure.fields

/** What is known of where the tag of a service's image leads. */
export const ImageCheck = Schema.Struct({
  /** With nothing left to guess. */
  reference: Schema.String,
  action: ImageAction,
  /** Null: the registry is asked by hand only. */
  minutes: Schema.NullOr(Schema.Int),
  /**
   * - `fixed`: the reference has a digest, and there is nothing to check
   * - `unknown`: the registry has not said yet where the tag leads, or nothing of it serves
   * - `current`: to the digest that serves
   * - `newer`: to another one
   */
  state: Schema.Literals(["fixed", "unknown", "current", "newer"]),
  /** The digest that serves, if a release of this reference does. */
  serves: Schema.NullOr(Schema.String),
  /** Where the tag led when the registry last said so. */
  found: Schema.NullOr(
    Schema.Struct({
      digest: Schema.String,
      /** When that was seen first. */
      since: Timestamp,
      /** The newest deployment of it. */
      deployment: Schema.NullOr(Schema.Int),
    }),
  ),
  /** Of a check that is under way: it waits, or a builder asks the registry. */
  progress: Schema.Literals(["none", "waiting", "checking"]),
  /** Why it waits, where that may take longer. */
  waitsFor: Schema.NullOr(Schema.String),
  checkedAt: Schema.NullOr(Timestamp),
  /** By itself. */
  nextAt: Schema.NullOr(Timestamp),
  /** Why the last check ended without an answer. */
  failure: Schema.NullOr(Schema.Struct({ code, title, detail, next })),
})
export type ImageCheck = typeof ImageCheck.Type
