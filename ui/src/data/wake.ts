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

/** Long enough that a look at another tab costs nothing. */
const hiddenMs = 2000

/** Calls back when nobody has looked at the page for a moment. */
export const onHidden = (listener: Listener): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const visibility = () => {
    clearTimeout(timer)
    if (document.visibilityState === "hidden") timer = setTimeout(listener, hiddenMs)
  }
  document.addEventListener("visibilitychange", visibility)
  return () => {
    clearTimeout(timer)
    document.removeEventListener("visibilitychange", visibility)
  }
}

/** Resolves when the page is looked at, or the signal says not to wait for it. */
export const untilShown = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState === "hidden" && !signal.aborted) return
      document.removeEventListener("visibilitychange", look)
      signal.removeEventListener("abort", look)
      resolve()
    }
    document.addEventListener("visibilitychange", look)
    signal.addEventListener("abort", look)
    look()
  })
