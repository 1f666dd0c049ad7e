import { type NotificationPreference, notificationKinds } from "@skypanel/contract/Notification"
import { css, html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readPreferences, sendTestEmail, setPreferences } from "../data/notifications.ts"
import { asProblem } from "../data/problem.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"

type Way = "page" | "email"
const wayTitle: Record<Way, string> = { page: "On the page", email: "By e-mail" }

/** What somebody wants to be told, and how: each switch is saved as it is moved. */
@customElement("sky-preferences")
export class SkyPreferences extends LitElement {
  @state() private said = ""
  @state() private sending = false

  private readonly preferences = new Resource(this, {
    key: () => ["preferences"] as const,
    read: (_, signal) => readPreferences(signal),
  })

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 13px;
        line-height: 20px;
      }
      th {
        text-align: start;
        font-weight: 400;
        padding: 6px 12px 6px 0;
      }
      thead th {
        font-size: 12px;
        color: var(--sky-text-muted);
        border-bottom: 1px solid var(--sky-border);
      }
      td,
      th.way {
        text-align: center;
        width: 92px;
        padding: 6px 0;
      }
      tbody tr + tr > * {
        border-top: 1px solid var(--sky-border);
      }
      input[role="switch"] {
        appearance: none;
        position: relative;
        width: 34px;
        height: 20px;
        min-height: 20px;
        padding: 0;
        border: 1px solid var(--sky-border-strong);
        border-radius: 10px;
        background: var(--sky-idle-quiet);
        vertical-align: middle;
        cursor: pointer;
        transition: background-color var(--sky-motion);
      }
      input[role="switch"]::after {
        content: "";
        position: absolute;
        inset: 2px auto 2px 2px;
        width: 14px;
        border-radius: 50%;
        background: var(--sky-text-muted);
        transition: transform var(--sky-motion);
      }
      input[role="switch"]:checked {
        border-color: transparent;
        background: var(--sky-accent-fill);
      }
      input[role="switch"]:checked::after {
        background: #fff;
        transform: translateX(14px);
      }
      input[role="switch"]:focus-visible {
        border-radius: 10px;
        outline-offset: 2px;
      }
    `,
  ]

  override render() {
    const preferences = this.preferences.value
    return html`<section class="card" aria-labelledby="preferences">
      <div class="row wrap spread">
        <h2 id="preferences">What you want to be told</h2>
        <button aria-disabled=${this.sending ? "true" : "false"} @click=${this.test}>${icon("mail")} Send a test e-mail</button>
      </div>
      <sky-problem .problem=${this.preferences.problem} retryable @retry=${() => this.preferences.reload()}></sky-problem>
      ${
        preferences
          ? this.table(preferences)
          : this.preferences.problem
            ? nothing
            : html`<sky-skeleton .rows=${8} .height=${24}></sky-skeleton>`
      }
      <p class="small muted" role="status">${this.said}</p>
    </section>`
  }

  private table(preferences: readonly NotificationPreference[]) {
    return html`<table>
      <thead>
        <tr>
          <th>Kind</th>
          <th class="way">${wayTitle.page}</th>
          <th class="way">${wayTitle.email}</th>
        </tr>
      </thead>
      <tbody>
        ${preferences.map(
          (preference) => html`<tr>
            <th scope="row">${notificationKinds[preference.kind]}</th>
            <td>${this.toggle(preference, "page")}</td>
            <td>${this.toggle(preference, "email")}</td>
          </tr>`,
        )}
      </tbody>
    </table>`
  }

  private toggle(preference: NotificationPreference, way: Way) {
    return html`<input
      type="checkbox"
      role="switch"
      aria-label="${notificationKinds[preference.kind]}, ${wayTitle[way].toLowerCase()}"
      .checked=${preference[way]}
      @change=${(event: Event) => this.change(preference, way, (event.target as HTMLInputElement).checked)}
    />`
  }

  private async change(preference: NotificationPreference, way: Way, on: boolean): Promise<void> {
    const before = this.preferences.value ?? []
    const after = before.map((one) => (one.kind === preference.kind ? { ...one, [way]: on } : one))
    this.preferences.put(after)
    this.said = "Saving…"
    try {
      await setPreferences(after)
      this.said = "Saved."
    } catch (error) {
      this.preferences.put(before)
      this.said = ""
      fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message })
    }
  }

  private async test(): Promise<void> {
    if (this.sending) return
    this.sending = true
    try {
      const { sentTo } = await sendTestEmail()
      fire(this, "sky-notice", { tone: "good", text: `A test e-mail is on its way to ${sentTo}.` })
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    } finally {
      this.sending = false
    }
  }
}
