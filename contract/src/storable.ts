import { Schema } from "effect"

/** What the database cannot keep in a text: NUL, and one half of a character that is written as two. */
export const storable = Schema.isPattern(/^[^\0\p{Cs}]*$/u, {
  message: "it has a character that cannot be kept",
})
