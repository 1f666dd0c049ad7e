import { ContextProvider } from "@lit/context"
import type { Notification } from "@skypanel/contract/Notification"
import type { Session } from "@skypanel/contract/Session"
import { css, html, LitElement, nothing } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import { changes, fleetChanges } from "../data/changes.ts"
import { onSignedOut } from "../data/client.ts"
import { inbox } from "../data/inbox.ts"
import { patiently } from "../data/patience.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { readSession } from "../data/session.ts"
import { organizationOf, type Place, pathOf, placeOf } from "../domain/paths.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-toasts.ts"
import type { SkyToasts } from "../elements/sky-toasts.ts"
import { base } from "../style/base.ts"
import { sessionContext } from "./context.ts"
import { heldBack } from "./leaving.ts"
import { watchLinks } from "./links.ts"
import "./sky-frame.ts"
import "./sky-sign-in.ts"
import { showPlace, titleOf } from "./views.ts"

const refreshMs = 5000
/** Whoever is told of no changes of the fleet asks at most this often what the platform is like. */
const staleMs = 60_000

/** The page: who is signed in, where one is, and what is shown for that. */
@customElement("sky-app")
export class SkyApp extends LitElement {
  @state() private session: Session | null = null
  @state() private signedOut = false
  @state() private problem: Problem | null = null
  @state() private place: Place = placeOf(location.pathname, location.search)
  @query("sky-toasts") private readonly toasts!: SkyToasts
  private readonly provider = new ContextProvider(this, { context: sessionContext })
  private readAt = 0
  private refresh: ReturnType<typeof setTimeout> | null = null
  private readonly stops: (() => void)[] = []

  static override styles = [
    base,
    css`
      .problem {
        max-width: 560px;
        margin: 15vh auto 0;
        padding: 16px;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    this.stops.push(
      watchLinks((path) => this.go(path)),
      onSignedOut(() => this.endSession()),
      fleetChanges.listen(({ kind }) => kind === "worker" && this.refreshSoon()),
      inbox.onArrival((fresh) => this.tell(fresh)),
    )
    window.addEventListener("popstate", this.onBack)
    this.addEventListener("sky-go", (event) => this.go(pathOf(event.detail)))
    this.addEventListener("sky-notice", (event) => this.toasts.show(event.detail))
    this.addEventListener("sky-session", () => void this.readSession())
    void this.readSession()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.stops.splice(0)) stop()
    window.removeEventListener("popstate", this.onBack)
  }

  private async readSession(): Promise<void> {
    this.problem = null
    try {
      const session = await patiently(readSession)
      this.putSession(session)
      this.signedOut = false
      this.arrive()
    } catch (error) {
      const problem = asProblem(error)
      if (problem.kind !== "Unauthorized") this.problem = problem
    }
  }

  /** What the platform is like changes with its workers; they report often, so it is read once in a while. */
  private refreshSoon(): void {
    this.refresh ??= setTimeout(() => {
      this.refresh = null
      readSession().then(
        (session) => this.putSession(session),
        () => {
          // What is shown stays until the next report.
        },
      )
    }, refreshMs)
  }

  private putSession(session: Session): void {
    this.session = session
    this.readAt = Date.now()
    this.provider.setValue(session)
  }

  private endSession(): void {
    this.session = null
    this.signedOut = true
    changes.follow(null)
    fleetChanges.follow(null)
    inbox.follow(null)
  }

  /** Bad news is told at once, wherever one is; the rest waits at the bell. */
  private tell(fresh: readonly Notification[]): void {
    for (const { tone, title, worker } of fresh)
      if (tone === "bad")
        this.toasts.show({
          tone: "bad",
          text: title,
          place: worker === null ? { view: "notifications" } : { view: "worker", worker, tab: "overview" },
        })
  }

  private go(path: string): void {
    const hold = heldBack()
    if (hold !== null && path !== pathOf(this.place)) {
      void import("./sky-leave.ts").then(() =>
        this.renderRoot.querySelector("sky-leave")?.ask(hold, () => this.goNow(path)),
      )
      return
    }
    this.goNow(path)
  }

  /** The browser has gone already; when something would be lost, it is called back and asked. */
  private readonly onBack = (): void => {
    const wanted = location.pathname + location.search + location.hash
    if (heldBack() === null) {
      this.arrive()
      return
    }
    history.pushState(null, "", pathOf(this.place))
    this.go(wanted)
  }

  private goNow(path: string): void {
    if (Date.now() - this.readAt > staleMs) this.refreshSoon()
    if (path !== location.pathname + location.search + location.hash) history.pushState(null, "", path)
    this.arrive()
    window.scrollTo(0, 0)
    // What has been chosen is in the new view: readers of the screen and the tab key go on from there.
    void this.updateComplete.then(() => this.renderRoot.querySelector("sky-frame")?.focusMain())
  }

  private readonly arrive = (): void => {
    const place = placeOf(location.pathname, location.search)
    const first = this.session?.organizations[0]
    if (place.view === "home" && first) {
      history.replaceState(null, "", pathOf({ view: "services", organization: first.slug }))
      this.arrive()
      return
    }
    this.place = place
  }

  override willUpdate(): void {
    document.title = this.session ? titleOf(this.place) : "Sign in · SkyPanel"
    if (!this.session) return
    const organization = organizationOf(this.place) ?? this.session.organizations[0]?.slug ?? null
    changes.follow(organization)
    fleetChanges.follow(this.session.user.administrator ? "fleet" : null)
    inbox.follow(this.session.user.id)
  }

  override render() {
    return html`${this.content()}<sky-toasts></sky-toasts><sky-leave></sky-leave>`
  }

  private content() {
    if (this.problem)
      return html`<div class="problem">
        <sky-problem .problem=${this.problem} retryable @retry=${() => this.readSession()}></sky-problem>
      </div>`
    if (this.signedOut) return html`<sky-sign-in></sky-sign-in>`
    if (!this.session) return nothing
    return html`<sky-frame .session=${this.session} .place=${this.place}>
      ${showPlace(this.place, this.session)}
    </sky-frame>`
  }
}
