import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js"
import type { Session } from "@skypanel/contract/Session"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { changes, fleetChanges } from "../data/changes.ts"
import { signOut } from "../data/session.ts"
import { organizationOf, type Place, pathOf } from "../domain/paths.ts"
import { fire } from "../elements/events.ts"
import { type IconName, icon, mark } from "../elements/icons.ts"
import "../elements/sky-package-set.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { crumbsOf } from "./breadcrumb.ts"
import { frameNarrowStyle } from "./frameNarrowStyle.ts"
import { frameStyle } from "./frameStyle.ts"
import "./sky-bell.ts"
import { chooseTheme, readTheme, type Theme } from "./theme.ts"
import { ofWorkers } from "./views.ts"

interface Entry {
  readonly text: string
  readonly icon: IconName
  readonly place: Place
  readonly views: readonly Place["view"][]
}

const themeTitle: Record<Theme, string> = {
  system: "Theme: system",
  light: "Theme: light",
  dark: "Theme: dark",
}

/** Around every view: where one can go, where one is, commands, and the account. */
@customElement("sky-frame")
export class SkyFrame extends LitElement {
  @property({ attribute: false }) session!: Session
  @property({ attribute: false }) place!: Place
  @state() private live = true
  @state() private theme: Theme = readTheme()
  @state() private paletteLoaded = false
  @query("main") private readonly main!: HTMLElement
  private readonly stops: (() => void)[] = []
  private mourning: ReturnType<typeof setTimeout> | null = null

  static override styles = [base, controls, frameStyle, frameNarrowStyle]

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener("keydown", this.onKey)
    this.stops.push(
      changes.onLive(() => this.onLive()),
      fleetChanges.onLive(() => this.onLive()),
      () => document.removeEventListener("keydown", this.onKey),
    )
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.stops.splice(0)) stop()
    if (this.mourning !== null) clearTimeout(this.mourning)
  }

  /** Says so only when the page has not been live for a moment: a change of organization is no news. */
  private onLive(): void {
    const live = changes.live && fleetChanges.live
    if (this.mourning !== null) clearTimeout(this.mourning)
    this.mourning = null
    if (live) this.live = true
    else
      this.mourning = setTimeout(() => {
        this.live = false
      }, 1500)
  }

  focusMain(): void {
    this.main.focus({ preventScroll: true })
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault()
      void this.openPalette()
    }
  }

  private async openPalette(): Promise<void> {
    await import("./sky-palette.ts")
    this.paletteLoaded = true
    await this.updateComplete
    this.renderRoot.querySelector("sky-palette")?.show()
  }

  private get organization(): string | null {
    return organizationOf(this.place) ?? this.session.organizations[0]?.slug ?? null
  }

  private entries(): readonly Entry[] {
    const organization = this.organization
    if (organization === null) return []
    return [
      {
        text: "Services",
        icon: "services",
        place: { view: "services", organization },
        views: ["services", "new-service", "service", "deployment"],
      },
      {
        text: "Stacks",
        icon: "stacks",
        place: { view: "stacks", organization },
        views: ["stacks", "new-stack", "manage-stacks", "stack"],
      },
      {
        text: "Templates",
        icon: "templates",
        place: { view: "templates", organization },
        views: ["templates", "manage-templates"],
      },
      { text: "Builds", icon: "redeploy", place: { view: "builds", organization }, views: ["builds"] },
      {
        text: "Registries",
        icon: "key",
        place: { view: "registries", organization },
        views: ["registries"],
      },
    ]
  }

  private administration(): readonly Entry[] {
    if (!this.session.user.administrator) return []
    return [
      { text: "Workers", icon: "workers", place: { view: "workers" }, views: ofWorkers },
      { text: "Artifacts", icon: "artifacts", place: { view: "artifacts" }, views: ["artifacts"] },
      { text: "All builds", icon: "redeploy", place: { view: "all-builds" }, views: ["all-builds"] },
    ]
  }

  private link(entry: Entry) {
    return html`<a
      href=${pathOf(entry.place)}
      aria-current=${entry.views.includes(this.place.view) ? "page" : nothing}
      >${icon(entry.icon)}<span>${entry.text}</span></a
    >`
  }

  private organizations() {
    const current = this.session.organizations.find(({ slug }) => slug === this.organization)
    if (!current) return nothing
    if (this.session.organizations.length === 1)
      return html`<p class="organization clip"><span class="hidden-text">Organization: </span>${current.name}</p>`
    return html`<wa-dropdown
      placement="bottom-start"
      @wa-select=${(event: CustomEvent<{ item: { value: string } }>) =>
        fire(this, "sky-go", { view: "services", organization: event.detail.item.value })}
    >
      <button slot="trigger" class="switch" aria-label="Organization: ${current.name}">
        <span class="clip">${current.name}</span>${icon("chevron")}
      </button>
      ${this.session.organizations.map(
        ({ slug, name }) =>
          html`<wa-dropdown-item type="checkbox" value=${slug} ?checked=${slug === current.slug}>${name}</wa-dropdown-item>`,
      )}
    </wa-dropdown>`
  }

  private account() {
    const { user } = this.session
    return html`<wa-dropdown placement="bottom-end" @wa-select=${this.onAccount}>
      <button slot="trigger" class="quiet icon-only" aria-label="Account: ${user.email}" title=${user.email}>
        ${icon("user")}
      </button>
      <div class="who"><strong>${user.name}</strong><br /><span class="muted">${user.email}</span></div>
      ${(["system", "light", "dark"] as const).map(
        (theme) =>
          html`<wa-dropdown-item type="checkbox" value=${theme} ?checked=${this.theme === theme}
            >${themeTitle[theme]}</wa-dropdown-item
          >`,
      )}
      <wa-dropdown-item value="about">About this platform</wa-dropdown-item>
      <wa-dropdown-item value="sign-out">Sign out</wa-dropdown-item>
    </wa-dropdown>`
  }

  private async onAccount(event: CustomEvent<{ item: { value: string } }>): Promise<void> {
    const { value } = event.detail.item
    if (value === "about") return fire(this, "sky-go", { view: "about" })
    if (value === "sign-out") {
      await signOut().catch(() => {})
      location.assign("/")
      return
    }
    chooseTheme(value as Theme)
    this.theme = value as Theme
  }

  override render() {
    const entries = this.entries()
    const administration = this.administration()
    return html`<nav class="aside" aria-label="Skip">
        <button class="skip" @click=${this.focusMain}>Skip to the content</button>
      </nav>
      <nav class="rail" aria-label="Main">
        <a class="home" href="/">${mark} SkyPanel</a>
        ${this.organizations()}
        <ul>
          ${entries.map((entry) => html`<li>${this.link(entry)}</li>`)}
        </ul>
        ${
          administration.length === 0
            ? nothing
            : html`<div>
                <p class="group" id="administration">Administration</p>
                <ul aria-labelledby="administration">
                  ${administration.map((entry) => html`<li>${this.link(entry)}</li>`)}
                </ul>
              </div>`
        }
        <sky-package-set class="end"></sky-package-set>
      </nav>
      <div class="column">
        <header>
          <a class="mark" href="/" aria-label="SkyPanel">${mark}</a>
          <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
              ${crumbsOf(this.place).map(({ text, href }) =>
                href === null
                  ? html`<li class="clip"><span class="clip" aria-current="page">${text}</span></li>`
                  : html`<li class="clip"><a class="clip" href=${href}>${text}</a></li>`,
              )}
            </ol>
          </nav>
          ${
            this.live
              ? nothing
              : html`<span class="row offline" role="status" title="What is shown may be old; the page is trying to reconnect."
                  >${icon("offline")} not live</span
                >`
          }
          <button class="search" aria-keyshortcuts="Control+K Meta+K" @click=${this.openPalette}>
            ${icon("search")}<span>Search</span><kbd>${isApple ? "⌘" : "Ctrl"} K</kbd>
          </button>
          <sky-bell></sky-bell>
          ${this.account()}
        </header>
        <main id="main" tabindex="-1"><slot></slot></main>
      </div>
      <nav class="bottom" aria-label="Main">${[...entries, ...administration].map((entry) => this.link(entry))}</nav>
      ${this.paletteLoaded ? html`<sky-palette .session=${this.session} .place=${this.place}></sky-palette>` : nothing}`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "sky-frame": SkyFrame
  }
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)
