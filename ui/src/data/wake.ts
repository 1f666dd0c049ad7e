type Listener = () => void

/** Longer than this in the background, a connection that looks open may be dead. */
const sleepMs = 20_000

/** Calls back when the machine is back: from sleep, from the background, or with a network again. */
export const onWake = (listener: Listener): (() => void) => {
  let hiddenAt: number | null = null
  const visibility = () => {
    if (document.visibilityState === "hidden") hiddenAt = Date.now()
    else if (hiddenAt !== null && Date.now() - hiddenAt > sleepMs) listener()
  }
  document.addEventListener("visibilitychange", visibility)
  window.addEventListener("online", listener)
  return () => {
    document.removeEventListener("visibilitychange", visibility)
    window.removeEventListener("online", listener)
  }
}
