/** Why somebody should think twice before going elsewhere. */
export interface Hold {
  readonly heading: string
  readonly text: string
}

let held: Hold | null = null

/** The browser asks in its own words when the tab is closed or loaded again. */
const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault()

/** What would be lost by going elsewhere now; null: nothing. */
export const heldBack = (): Hold | null => held

/** Asks before going elsewhere, until what it returns is called. */
export const holdBack = (hold: Hold): (() => void) => {
  held = hold
  window.addEventListener("beforeunload", onUnload)
  return () => {
    if (held !== hold) return
    held = null
    window.removeEventListener("beforeunload", onUnload)
  }
}
