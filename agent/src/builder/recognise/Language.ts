import type { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Config } from "./Config.ts"
import type { Kind, Offer, Recognised, View } from "./Recognised.ts"
import type { Wishes } from "./Wishes.ts"

export type Recognition = Result.Result<Recognised, BuildFailed>

/** What recognising looks at: the folder that is built, in the repository that it is part of. */
export interface Sight {
  /** The folder that is built. */
  readonly tree: View
  /** The whole repository. */
  readonly top: View
  /** The folder's path in the repository; empty at the top. */
  readonly folder: string
  /** Another folder of the repository by its path. */
  readonly within: (path: string) => View
  readonly wishes: Wishes
  /** What the wishes come from. */
  readonly config: Config
  readonly offer: Offer
}

/** One language: whether a folder is of it, and how it is built then. Null when it is not. */
export interface Language {
  readonly kind: Kind
  /** The file that says it, for the message when there is none of any language. */
  readonly looksFor: string
  readonly recognise: (sight: Sight) => Recognition | null
}
