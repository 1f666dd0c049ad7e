import type { ServiceCredential } from "@skypanel/contract/PreparedCredential"
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
  /** What a new service shall get at its repository with: `missing` where that is still to be given; null: nothing. */
  "sky-credential": ServiceCredential | "missing" | null
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
    "sky-credential": CustomEvent<SkyEvents["sky-credential"]>
  }
}

export const fire = <K extends keyof SkyEvents>(from: EventTarget, name: K, detail: SkyEvents[K]): void => {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}
