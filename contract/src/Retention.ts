import { Schema } from "effect"

export const keptReleasesLeast = 2
export const keptReleasesMost = 100

/** How many releases a service keeps; null: as many as there is room for. */
export const KeptReleases = Schema.NullOr(
  Schema.Int.check(
    Schema.isBetween(
      { minimum: keptReleasesLeast, maximum: keptReleasesMost },
      { message: `that is between ${keptReleasesLeast} and ${keptReleasesMost} releases` },
    ),
  ),
)

/** What would go at the next collections if a service kept so many releases. */
export const RetentionPlan = Schema.Struct({
  /** Their numbers, the newest first. They stay in the list, and cannot be rolled back to. */
  releases: Schema.Array(Schema.Int),
  /** What comes free by it. */
  bytes: Schema.Int,
})
export type RetentionPlan = typeof RetentionPlan.Type
