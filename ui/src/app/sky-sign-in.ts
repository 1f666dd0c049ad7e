import { css, html, LitElement } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import { signIn } from "../data/session.ts"
import { fire } from "../elements/events.ts"
import { mark } from "../elements/icons.ts"
import "../elements/sky-problem.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** Signs in, and stays at the address that was asked for. */
@customElement("sky-sign-in")
export class SkySignIn extends LitElement {
  @state() private busy = false
  @state() private problem: Problem | null = null
  @query("#email") private readonly email!: HTMLInputElement
  @query("#password") private readonly password!: HTMLInputElement

  static override styles = [
    base,
    controls,
    css`
      main {
        min-height: 100vh;
        display: grid;
        align-content: center;
        justify-content: center;
        grid-template-columns: minmax(0, 360px);
        gap: 24px;
        padding: 24px 16px 12vh;
      }
      header {
        display: grid;
        justify-items: center;
        gap: 12px;
        text-align: center;
      }
      header svg {
        width: 44px;
        height: 44px;
      }
      form {
        padding: 24px;
      }
      button {
        min-height: 36px;
      }
    `,
  ]

  override firstUpdated(): void {
    this.email.focus()
  }

  override render() {
    return html`<main>
      <header>
        ${mark}
        <div>
          <h1>Sign in to SkyPanel</h1>
          <p class="muted">Deploy, watch and run your services.</p>
        </div>
      </header>
      <form class="card stack" @submit=${this.submit}>
        <div>
          <label for="email">E-mail</label>
          <input id="email" name="email" type="email" autocomplete="username" required />
        </div>
        <div>
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required />
        </div>
        <sky-problem .problem=${this.problem}></sky-problem>
        <button class="primary" ?disabled=${this.busy}>${this.busy ? "Signing in…" : "Sign in"}</button>
      </form>
    </main>`
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault()
    this.busy = true
    this.problem = null
    try {
      await signIn(this.email.value.trim(), this.password.value)
      fire(this, "sky-session", undefined)
    } catch (error) {
      this.problem = asProblem(error)
      this.password.focus()
      this.password.select()
    } finally {
      this.busy = false
    }
  }
}
