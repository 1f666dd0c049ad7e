import type { Credential, GiveToken, Repository } from "@skypanel/contract/Repository"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import {
  forgetHostKeys,
  giveToken,
  makeDeployKey,
  type OfService,
  removeCredential,
} from "../data/repository.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { repositoryStyle } from "../style/repository.ts"
import { fire } from "./events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "./field.ts"
import "./sky-code.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-problem.ts"
import "./sky-time.ts"

/** How a service gets at its repository: an access token or a deploy key, and the host keys that it keeps to. */
@customElement("sky-repository-credential")
export class SkyRepositoryCredential extends LitElement {
  @property({ attribute: false }) repository!: Repository
  @property({ attribute: false }) of!: OfService
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false
  @query("#replace") private readonly confirmReplace!: SkyConfirm
  @query("#remove") private readonly confirmRemove!: SkyConfirm
  @query("#forget") private readonly confirmForget!: SkyConfirm

  static override styles = [base, controls, repositoryStyle]

  override render() {
    const { credential, protocol, hostKeys } = this.repository
    return html`<div class="stack">
      <h3>Credential</h3>
      ${credential === null ? html`<p class="muted">None: the repository has to be public.</p>` : this.shown(credential)}
      <sky-problem .problem=${this.problem}></sky-problem>
      ${protocol === "ssh" ? this.deployKey(credential) : this.token(credential)}
      ${hostKeys.length === 0 ? nothing : this.hostKeys()}
      <sky-confirm id="remove" heading="Delete this credential?" verb="Delete" dangerous .run=${() => this.put(removeCredential(this.of), "Deleted.")}>
        <p>The next build fetches the repository without one. What runs goes on running.</p>
      </sky-confirm>
    </div>`
  }

  private shown(credential: Credential) {
    return html`<dl>
        <dt>Kind</dt>
        <dd>${credential.kind === "token" ? `Access token, as ${credential.username}` : "Deploy key"}</dd>
        <dt>For</dt>
        <dd><code>${credential.origin}</code>, and deleted when the source moves to another host</dd>
        <dt>Since</dt>
        <dd><sky-time .at=${credential.createdAt}></sky-time>, by ${credential.createdBy}</dd>
      </dl>
      ${
        credential.publicKey === null
          ? nothing
          : html`<div>
              <p class="label">Deploy key</p>
              <sky-code .value=${credential.publicKey} what="deploy key"></sky-code>
              <p class="help">Add it to your repository as a read-only deploy key, then redeploy.</p>
            </div>`
      }`
  }

  private deployKey(credential: Credential | null) {
    return html`<div class="row wrap">
        <button
          type="button"
          class=${credential === null ? "primary" : ""}
          aria-disabled=${this.busy ? "true" : "false"}
          @click=${() => (credential === null ? this.make() : this.confirmReplace.show())}
        >
          ${credential === null ? "Make a deploy key" : "Make another deploy key"}
        </button>
        ${credential === null ? nothing : this.removal()}
      </div>
      <sky-confirm id="replace" heading="Make another deploy key?" verb="Make another" dangerous .run=${() => this.put(makeDeployKey(this.of), "There is a new deploy key.")}>
        <p>The one before is deleted: builds fail until the new one is in the repository.</p>
      </sky-confirm>`
  }

  private token(credential: Credential | null) {
    return html`<form class="stack" novalidate @submit=${this.give}>
      <div class="two">
        ${this.input("token", credential === null ? "Access token" : "New access token", "password", "One that may only read is enough. It is not shown again.")}
        ${this.input("username", "User name", "text", "Only where your host wants a certain one.")}
      </div>
      <div class="row wrap">
        <button type="submit" class="primary" aria-disabled=${this.busy ? "true" : "false"}>Save token</button>
        ${credential === null ? nothing : this.removal()}
      </div>
    </form>`
  }

  private input(path: keyof GiveToken, label: string, type: "password" | "text", help: string) {
    const error = errorAt(this.issues, path)
    return field(
      { id: path, label, help, error },
      html`<input
        id=${path}
        type=${type}
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: path, help, error })}
      />`,
    )
  }

  private removal() {
    return html`<button type="button" class="danger" @click=${() => this.confirmRemove.show()}>Delete credential</button>`
  }

  private hostKeys() {
    return html`<div class="stack">
      <h3>Host keys</h3>
      <ul>
        ${this.repository.hostKeys.map(
          (key) =>
            html`<li><code>${key.type} ${key.fingerprint}</code>, seen <sky-time .at=${key.pinnedAt}></sky-time></li>`,
        )}
      </ul>
      <div><button type="button" @click=${() => this.confirmForget.show()}>Forget host keys</button></div>
      <sky-confirm id="forget" heading="Forget these host keys?" verb="Forget" dangerous .run=${() => this.put(forgetHostKeys(this.of), "Forgotten.")}>
        <p>The next fetch takes whichever key the host shows then, and keeps to it. Compare it with what the host publishes.</p>
      </sky-confirm>
    </div>`
  }

  /** Rejects with what went wrong, for whoever asked. */
  private async put(answer: Promise<Repository>, notice: string): Promise<void> {
    this.dispatchEvent(new CustomEvent("repository", { detail: await answer }))
    fire(this, "sky-notice", { tone: "good", text: notice })
  }

  private async run(work: () => Promise<void>): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = null
    this.issues = []
    try {
      await work()
    } catch (error) {
      this.problem = asProblem(error)
      this.issues = this.problem.issues
      void this.updateComplete.then(() => focusFirstWrong(this.renderRoot))
    } finally {
      this.busy = false
    }
  }

  private make(): void {
    void this.run(() => this.put(makeDeployKey(this.of), "There is a deploy key."))
  }

  private give(event: Event): void {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const typed = (id: string) => form.querySelector<HTMLInputElement>(`#${id}`)!.value.trim()
    const username = typed("username")
    void this.run(async () => {
      const given = { token: typed("token"), ...(username !== "" && { username }) }
      await this.put(giveToken(this.of, given), "The token is saved.")
      form.reset()
    })
  }
}
