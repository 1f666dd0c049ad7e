/** Does something at most once in so many milliseconds, and only while somebody can see the page. */
export class Pace {
  private timer: ReturnType<typeof setTimeout> | null = null
  private due = false
  private notBefore = 0
  private readonly run: () => void
  private readonly everyMs: number

  constructor(everyMs: number, run: () => void) {
    this.everyMs = everyMs
    this.run = run
  }

  /** Soon: now when it is long ago, else when its time has come. Several wishes are one. */
  wish(): void {
    this.due = true
    this.plan()
  }

  start(): void {
    document.addEventListener("visibilitychange", this.plan)
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.plan)
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    this.due = false
  }

  private readonly plan = (): void => {
    if (!this.due || this.timer !== null || document.visibilityState === "hidden") return
    this.timer = setTimeout(
      () => {
        this.timer = null
        if (document.visibilityState === "hidden") return
        this.due = false
        this.notBefore = Date.now() + this.everyMs
        this.run()
      },
      Math.max(0, this.notBefore - Date.now()),
    )
  }
}
