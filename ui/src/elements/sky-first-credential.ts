import type { PreparedCredential, ServiceCredential } from "@skypanel/contract/PreparedCredential"
import { html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { discardCredential, prepareCredential, tryCredential } from "../data/preparedCredentials.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { isOverSsh } from "../domain/gitForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { repositoryStyle } from "../style/repository.ts"
import { choice } from "./choice.ts"
import { fire } from "./events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "./field.ts"
import "./sky-banner.ts"
import "./sky-code.ts"
import "./sky-problem.ts"

/**
 * A token or deploy key for a repository that no service is made from yet. What is typed here is kept nowhere in the page
 * but in its field.
 */
@customElement("sky-first-credential")
export class SkyFirstCredential extends LitElement {
  @property() organization = ""
  @property() url = ""
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  @state() private wanted = false
  @state() private prepared: PreparedCredential | null = null
  @state() private busy = false
  @state() private problem: Problem | null = null
  @state() private wrong: readonly FieldIssue[] = []
  @query("#token") private readonly token!: HTMLInputElement | null
  @query("#username") private readonly username!: HTMLInputElement | null
  private asking = new AbortController()

  static override styles = [base, controls, choices, repositoryStyle]

  /** What was prepared is for one repository. */
  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("url") && (this.prepared !== null || this.busy)) this.forget()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.wanted = false
    // One that a service has taken over meanwhile is not there any more.
    this.forget()
  }

  override render() {
    return html`<div class="stack">
      ${choice({
        id: "private",
        title: "Private repository",
        help: "It takes a token or a deploy key to read it.",
        checked: this.wanted,
        choose: (wanted) => this.want(wanted),
      })}
      ${this.wanted ? this.fields() : nothing}
    </div>`
  }

  private fields() {
    if (this.url.trim() === "") return html`<p class="help">Write the repository's URL first.</p>`
    return html`${isOverSsh(this.url) ? this.deployKey() : this.accessToken()}
      <sky-problem .problem=${this.problem}></sky-problem>
      <div aria-live="polite">${this.answer()}</div>`
  }

  private deployKey() {
    const publicKey = this.prepared?.publicKey ?? null
    const missing = errorAt(this.issues, "credential")
    if (publicKey === null)
      return html`<div class="row wrap">
          <button type="button" aria-disabled=${this.busy ? "true" : "false"} aria-invalid=${missing === null ? "false" : "true"}
            @click=${() => this.run((signal) => this.prepare(signal))}>Make a deploy key</button>
        </div>
        ${missing === null ? nothing : html`<p class="wrong">${missing}</p>`}`
    return html`<div>
        <p class="label">Deploy key</p>
        <sky-code .value=${publicKey} what="deploy key"></sky-code>
        <p class="help">Add it to your repository as a read-only deploy key, then test the connection.</p>
      </div>
      ${this.test()}`
  }

  private accessToken() {
    return html`<div class="two">
        ${this.input("token", "Access token", "password", "One that may only read is enough. It is not shown again.")}
        ${this.input("username", "User name", "text", "Only where your host wants a certain one.")}
      </div>
      ${this.test()}`
  }

  private input(id: "token" | "username", label: string, type: "password" | "text", help: string) {
    const error = errorAt(this.wrong, id) ?? errorAt(this.issues, id === "token" ? "credential" : "")
    return field(
      { id, label, help, error },
      html`<input
        id=${id}
        class="mono"
        type=${type}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id, help, error })}
        @input=${() => this.typed()}
      />`,
    )
  }

  private test() {
    return html`<div class="row wrap">
      <button type="button" aria-disabled=${this.busy ? "true" : "false"} @click=${() => this.run((signal) => this.try(signal))}>
        ${this.busy ? "Asking the host…" : "Test the connection"}
      </button>
    </div>`
  }

  private answer() {
    if (this.busy || this.prepared === null) return nothing
    const { state, failure } = this.prepared
    if (state === "opens") return html`<sky-banner heading="The host lets it in."></sky-banner>`
    if (failure === null) return nothing
    return html`<sky-banner tone="bad" heading=${failure.title}>${failure.next}</sky-banner>`
  }

  private want(wanted: boolean): void {
    this.wanted = wanted
    this.forget()
  }

  /** Another token is another credential. */
  private typed(): void {
    this.wrong = []
    this.forget()
  }

  /** Says what there is for whoever deploys now. */
  private tell(): void {
    const token = this.token?.value ?? ""
    const username = this.username?.value.trim() ?? ""
    const typed: ServiceCredential | "missing" =
      token === "" ? "missing" : { token, ...(username !== "" && { username }) }
    const given = this.prepared === null ? typed : { prepared: this.prepared.id }
    fire(this, "sky-credential", this.wanted ? given : null)
  }

  private forget(): void {
    this.asking.abort()
    this.problem = null
    const { prepared } = this
    this.prepared = null
    if (prepared !== null) discardCredential(this.organization, prepared.id)
    this.tell()
  }

  private async prepare(signal: AbortSignal): Promise<PreparedCredential> {
    const username = this.username?.value.trim() ?? ""
    const given = {
      url: this.url.trim(),
      ...(this.token !== null && { token: this.token.value }),
      ...(username !== "" && { username }),
    }
    const prepared = await prepareCredential(this.organization, given)
    // Something else was typed meanwhile, or nobody is there any more.
    if (signal.aborted) discardCredential(this.organization, prepared.id)
    signal.throwIfAborted()
    this.prepared = prepared
    this.tell()
    return prepared
  }

  private async try(signal: AbortSignal): Promise<void> {
    const { id } = this.prepared ?? (await this.prepare(signal))
    this.prepared = await tryCredential(this.organization, id, signal)
  }

  private async run(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    if (this.busy) return
    this.asking = new AbortController()
    const { signal } = this.asking
    this.busy = true
    this.problem = null
    this.wrong = []
    try {
      await work(signal)
    } catch (error) {
      if (signal.aborted) return
      this.problem = asProblem(error)
      this.wrong = this.problem.issues
      void this.updateComplete.then(() => focusFirstWrong(this.renderRoot))
    } finally {
      this.busy = false
    }
  }
}
