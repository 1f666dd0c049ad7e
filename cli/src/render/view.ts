import type { Style } from "./style.ts"

/** For whom something is rendered. */
export interface View {
  readonly style: Style
  /** Columns of the terminal, null when there is none. */
  readonly width: number | null
  /** The present, in milliseconds of Unix time: ages are told from it. */
  readonly now: number
}
