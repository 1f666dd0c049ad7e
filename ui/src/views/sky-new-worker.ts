import type { CreatedInstallation } from "@skypanel/contract/Installation"
import { html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { draft } from "../data/draft.ts"
import { createInstallation } from "../data/installations.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { emptyInstallation, type InstallationForm, readInstallationForm } from "../domain/installationForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { fire } from "../elements/events.ts"
import { focusFirstWrong } from "../elements/field.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-installation.ts"
import "../elements/sky-installation-fields.ts"
import "../elements/sky-installations.ts"
import "../elements/sky-problem.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** How long the news stands before the page turns to the worker that has come. */
const turnMs = 4000

/** What the new worker shall be; then the command for it, and its way until it is there. */
@customElement("sky-new-worker")
export class SkyNewWorker extends LitElement {
  private readonly draft = draft<InstallationForm>("new-worker")
  @state() private form: InstallationForm = { ...emptyInstallation, ...this.draft.read() }
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private created: CreatedInstallation | null = null
  @state() private arrived: string | null = null
  @state() private turning: ReturnType<typeof setTimeout> | null = null

  static override styles = [base, controls]

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener("sky-installation-form", ({ detail }) => {
      for (const path of Object.keys(detail) as (keyof InstallationForm)[]) this.put(detail, path)
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.stay()
  }

  override render() {
    return html`<div class="stack">
      <div>
        <h1>Add worker</h1>
        <p class="muted">
          ${this.told()}
        </p>
      </div>
      ${this.created === null ? this.asking() : this.waiting(this.created)}
    </div>`
  }

  private told(): string {
    if (this.created === null) return "Say what it shall be; then one command on the machine makes it so."
    return this.arrived === null ? "Paste it once; the rest happens by itself." : "It works from now on."
  }

  private waiting(created: CreatedInstallation) {
    return html`<sky-installation .created=${created} @arrived=${(event: CustomEvent<string>) => this.arrive(event.detail)}>
      ${
        this.arrived === null
          ? nothing
          : html`<div class="row wrap">
              <button class="primary" @click=${() => this.turn()}>Open ${this.arrived}</button>
              <button @click=${this.again}>${icon("plus")} Add another</button>
              ${
                this.turning === null
                  ? nothing
                  : html`<span class="small muted">It opens by itself in a moment.</span>
                      <button class="quiet" @click=${this.stay}>Stay here</button>`
              }
            </div>`
      }
    </sky-installation>
    ${this.arrived === null ? html`<div><button class="quiet" @click=${this.again}>${icon("plus")} Make another command</button></div>` : nothing}`
  }

  private arrive(worker: string): void {
    this.arrived = worker
    this.turning = setTimeout(() => this.turn(), turnMs)
  }

  private turn(): void {
    if (this.arrived !== null) fire(this, "sky-go", { view: "worker", worker: this.arrived, tab: "overview" })
  }

  private stay(): void {
    if (this.turning !== null) clearTimeout(this.turning)
    this.turning = null
  }

  private again(): void {
    this.stay()
    this.created = null
    this.arrived = null
    this.form = emptyInstallation
  }

  private asking() {
    return html`<form class="stack" novalidate @submit=${this.create}>
        <sky-installation-fields .form=${this.form} .issues=${this.issues}></sky-installation-fields>
        <sky-problem .problem=${this.problem}></sky-problem>
        <div class="row wrap">
          <button class="primary" type="submit" aria-disabled=${this.busy ? "true" : "false"}>
            ${icon("key")} ${this.busy ? "Making the command…" : "Make the command"}
          </button>
          <span class="small muted">It works once, for an hour, and can be revoked.</span>
        </div>
      </form>
      <sky-installations></sky-installations>`
  }

  private put(part: Partial<InstallationForm>, path: keyof InstallationForm): void {
    this.form = { ...this.form, ...part }
    this.draft.write(this.form)
    this.issues = this.issues.filter((issue) => issue.path !== path && !issue.path.startsWith(`${path}.`))
  }

  private async create(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    this.problem = null
    const read = readInstallationForm(this.form)
    if (read.issues !== null) return this.mark(read.issues)
    this.busy = true
    try {
      this.created = await createInstallation(read.request)
      this.draft.drop()
      window.scrollTo(0, 0)
    } catch (error) {
      const problem = asProblem(error)
      if (problem.kind === "NameTaken") this.mark([{ path: "name", message: problem.message }])
      else {
        this.problem = problem
        if (problem.issues.length > 0) this.mark(problem.issues)
      }
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    // Nested elements mark their fields one update later.
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
