import type { Stack, StackSecret } from "@skypanel/contract/Stack"
import { referringTo } from "@skypanel/contract/StackReferences"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { revealSecret, rotateSecret } from "../data/stacks.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import "./sky-code.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-time.ts"

/** The secrets of a stack by their names; a value is there once somebody asked for it, until the page is left. */
@customElement("sky-stack-secrets")
export class SkyStackSecrets extends LitElement {
  @property() organization = ""
  @property({ attribute: false }) stack!: Stack
  @state() private shown: { readonly [name: string]: string } = {}
  @state() private chosen = ""

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      li {
        display: grid;
        gap: 8px;
        padding: 8px 0;
      }
    `,
  ]

  override render() {
    const { secrets } = this.stack
    if (secrets.length === 0) return nothing
    return html`<section class="card" aria-labelledby="heading">
      <h2 id="heading">Secrets</h2>
      <p class="small muted">Made for this stack. Variables refer to them, such as <code>\${${secrets[0]!.name}}</code>.</p>
      <ul>
        ${secrets.map((secret) => this.row(secret))}
      </ul>
      <sky-confirm heading="Rotate ${this.chosen}?" verb="Rotate" .run=${() => this.rotate()}>
        ${this.consequences(referringTo(this.chosen, this.stack.services))}
      </sky-confirm>
    </section>`
  }

  private row({ name, version, rotatedAt, shownAt, shownTo }: StackSecret) {
    const { state: now } = this.stack
    const whyNot =
      now === "deploying"
        ? "A revision is under way."
        : now === "deleting"
          ? "The stack is being deleted."
          : null
    const value = this.shown[name]
    return html`<li>
      <div class="row spread wrap">
        <span
          ><code>${name}</code>
          ${rotatedAt === null ? nothing : html`<span class="small muted">version ${version}, since <sky-time .at=${rotatedAt}></sky-time> ·</span>`}
          ${shownAt === null ? html`<span class="small muted">never shown</span>` : html`<span class="small muted">shown to ${shownTo} <sky-time .at=${shownAt}></sky-time></span>`}</span
        >
        <span class="row">
          ${
            value === undefined
              ? html`<button aria-label="Show ${name}" @click=${() => this.show(name)}>Show</button>`
              : html`<button aria-label="Hide ${name}" @click=${() => this.hide(name)}>Hide</button>`
          }
          <button
            aria-label="Rotate ${name}"
            aria-disabled=${whyNot === null ? "false" : "true"}
            title=${whyNot ?? nothing}
            @click=${() => whyNot === null && this.ask(name)}
          >
            Rotate
          </button>
        </span>
      </div>
      ${value === undefined ? nothing : html`<sky-code .value=${value} what="secret"></sky-code>`}
    </li>`
  }

  private consequences(users: readonly string[]) {
    if (users.length === 0) return html`<p>It gets a new value. No variable refers to it.</p>`
    const [first, ...rest] = users
    return html`<p>
      It gets a new value. ${
        rest.length === 0
          ? html`<code>${first}</code> is deployed again with it.`
          : html`${users.map((key, at) => html`${at === 0 ? "" : at === users.length - 1 ? " and " : ", "}<code>${key}</code>`)}
              are deployed again with it, one after another. From the first to the last, what still has the old value is
              refused by what has the new one.`
      }
      If one of them fails, the value of now is in force again.
    </p>`
  }

  private ask(name: string): void {
    this.chosen = name
    void this.updateComplete.then(() => this.renderRoot.querySelector<SkyConfirm>("sky-confirm")!.show())
  }

  private async rotate(): Promise<void> {
    await rotateSecret(this.organization, this.stack.name, this.chosen)
    this.hide(this.chosen)
    fire(this, "sky-notice", { tone: "good", text: `${this.chosen} is being rotated.` })
  }

  private async show(name: string): Promise<void> {
    try {
      const { value } = await revealSecret(this.organization, this.stack.name, name)
      this.shown = { ...this.shown, [name]: value }
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    }
  }

  private hide(name: string): void {
    const { [name]: _, ...rest } = this.shown
    this.shown = rest
  }
}
