import type { Place } from "../domain/paths.ts"

export interface Notice {
  readonly text: string
  readonly tone: "good" | "bad"
  /** Where one sees more of it. */
  readonly place?: Place
}

/** The events of our elements that cross more than one of them. */
export interface SkyEvents {
  /** Says how an action went, in a corner, for a few seconds. */
  "sky-notice": Notice
  /** Goes to another place. */
  "sky-go": Place
  /** The session shall be read again: somebody signed in or out. */
  "sky-session": undefined
}

declare global {
  interface HTMLElementEventMap {
    "sky-notice": CustomEvent<Notice>
    "sky-go": CustomEvent<Place>
    "sky-session": CustomEvent<undefined>
  }
}

export const fire = <K extends keyof SkyEvents>(from: EventTarget, name: K, detail: SkyEvents[K]): void => {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}
