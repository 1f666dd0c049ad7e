import { Schema } from "effect"

/** What the database counts up to: with a larger one it could not even look. */
const ordinalMost = 2 ** 31 - 1

const countable = Schema.isBetween(
  { minimum: 0, maximum: ordinalMost },
  { message: `a number here is between 0 and ${ordinalMost}` },
)

/** Which one of its kind a deployment, release, revision, version or line of a log is, counted from 1; 0 is before all. */
export const Ordinal = Schema.Int.check(countable)

/** The same in a path or query. */
export const OrdinalFromString = Schema.FiniteFromString.check(Schema.isInt(), countable)
