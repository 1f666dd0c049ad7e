import "@awesome.me/webawesome/dist/components/dialog/dialog.js"
import type { Service } from "@skypanel/contract/Service"
import type { Session } from "@skypanel/contract/Session"
import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { readServices } from "../data/services.ts"
import { readWorkers } from "../data/workers.ts"
import { organizationOf, type Place } from "../domain/paths.ts"
import { matchesWords } from "../domain/search.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import { base } from "../style/base.ts"
import { type Command, commandsOf } from "./commands.ts"
import { paletteStyle } from "./paletteStyle.ts"

const mostShown = 12

/** Ctrl or Cmd K: jump to a service, go somewhere, give an order. */
@customElement("sky-palette")
export class SkyPalette extends LitElement {
  @property({ attribute: false }) session!: Session
  @property({ attribute: false }) place!: Place
  @state() private open = false
  @state() private text = ""
  @state() private chosen = 0
  @state() private services: readonly Service[] = []
  @state() private workers: readonly Worker[] = []
  @query("input") private readonly input!: HTMLInputElement | null

  static override styles = [base, paletteStyle]

  show(): void {
    this.text = ""
    this.chosen = 0
    this.open = true
    void this.updateComplete.then(() => this.input?.focus())
    void this.read()
  }

  /** Without a list there are still all the other commands. */
  private async read(): Promise<void> {
    const organization = organizationOf(this.place) ?? this.session.organizations[0]?.slug
    const [services, workers] = await Promise.allSettled([
      organization === undefined ? [] : readServices(organization),
      this.session.user.administrator ? readWorkers("") : [],
    ])
    if (services.status === "fulfilled") this.services = services.value
    if (workers.status === "fulfilled") this.workers = workers.value
  }

  private get found(): readonly Command[] {
    return commandsOf(this.session, this.place, { services: this.services, workers: this.workers })
      .filter((command) => matchesWords(`${command.title} ${command.hint}`, this.text.trim()))
      .slice(0, mostShown)
  }

  override render() {
    if (!this.open) return nothing
    const found = this.found
    return html`<wa-dialog open without-header light-dismiss label="Search and commands" @wa-after-hide=${this.closed}>
      <div class="ask">
        ${icon("search")}
        <input
          role="combobox"
          aria-label="Search and commands"
          aria-expanded="true"
          aria-controls="found"
          aria-activedescendant=${found.length > 0 ? `found-${this.chosen}` : nothing}
          placeholder="Go somewhere, or do something…"
          autocomplete="off"
          spellcheck="false"
          autofocus
          .value=${this.text}
          @input=${this.onInput}
          @keydown=${this.onKey}
        />
      </div>
      ${
        found.length === 0
          ? html`<p role="status">Nothing is called that.</p>`
          : html`<ul id="found" role="listbox" aria-label="Commands">
              ${found.map(
                (command, at) => html`<li
                  id="found-${at}"
                  role="option"
                  aria-selected=${at === this.chosen ? "true" : "false"}
                  @click=${() => this.run(command)}
                  @pointermove=${() => {
                    this.chosen = at
                  }}
                >
                  ${icon(command.icon)}<span>${command.title}</span><span class="muted small">${command.hint}</span>
                </li>`,
              )}
            </ul>`
      }
    </wa-dialog>`
  }

  private onInput(event: Event): void {
    this.text = (event.target as HTMLInputElement).value
    this.chosen = 0
  }

  private onKey(event: KeyboardEvent): void {
    const found = this.found
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      const step = event.key === "ArrowDown" ? 1 : -1
      this.chosen = (this.chosen + step + found.length) % Math.max(1, found.length)
      void this.updateComplete.then(() =>
        this.renderRoot.querySelector(`#found-${this.chosen}`)?.scrollIntoView({ block: "nearest" }),
      )
    } else if (event.key === "Enter") {
      event.preventDefault()
      const command = found[this.chosen]
      if (command) this.run(command)
    }
  }

  private run(command: Command): void {
    this.close()
    if (command.place) fire(this, "sky-go", command.place)
    command.order?.().then(
      (text) => fire(this, "sky-notice", { tone: "good", text }),
      (error) => fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message }),
    )
  }

  private close(): void {
    const dialog = this.renderRoot.querySelector("wa-dialog")
    if (dialog) dialog.open = false
  }

  private closed(event: Event): void {
    if (event.target === event.currentTarget) this.open = false
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "sky-palette": SkyPalette
  }
}
