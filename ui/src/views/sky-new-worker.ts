import type { AgentRuntime, CreatedInstallation } from "@skypanel/contract/Installation"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { draft } from "../data/draft.ts"
import { createInstallation } from "../data/installations.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import {
  emptyInstallation,
  type InstallationForm,
  readInstallationForm,
  roleWords,
} from "../domain/installationForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { fire } from "../elements/events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "../elements/field.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-installation.ts"
import "../elements/sky-installations.ts"
import "../elements/sky-labels-fields.ts"
import "../elements/sky-problem.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { newWorkerStyle } from "./newWorkerStyle.ts"

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

  static override styles = [base, controls, choices, newWorkerStyle]

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
        <section class="card" aria-labelledby="what">
          <h2 id="what">What it does</h2>
          ${this.roles()}
        </section>
        <section class="card" aria-labelledby="which">
          <h2 id="which">Which one it is</h2>
          <div class="two">${this.text("name", "Name", "name", "Empty: the machine's own host name")}
          ${this.text("region", "Region", "region", "Where it stands, such as fra1. May be empty")}</div>
          <sky-labels-fields
            .rows=${this.form.labels}
            .issues=${this.issues}
            @labels=${(event: CustomEvent<InstallationForm["labels"]>) => this.put({ labels: event.detail }, "labels")}
          ></sky-labels-fields>
        </section>
        <details class="card" ?open=${this.form.allowFrom !== "" || this.form.runtime !== "deno"}>
          <summary>More</summary>
          <div class="two">
            ${this.text("allowFrom", "Only from this address range", "allow-from", "Such as 192.0.2.0/24. Empty: from anywhere")}
            ${this.runtime()}
          </div>
        </details>
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

  private roles() {
    const error = errorAt(this.issues, "roles")
    return html`<fieldset class="choices" aria-describedby=${error === null ? nothing : "roles-error"}>
      <legend class="hidden-text">Roles</legend>
      ${(Object.keys(roleWords) as WorkerRole[]).map(
        (role) => html`<label class="check"
          ><input
            type="checkbox"
            aria-invalid=${error === null ? "false" : "true"}
            .checked=${this.form.roles.includes(role)}
            @change=${(event: Event) => this.chooseRole(role, (event.target as HTMLInputElement).checked)}
          /><span><strong>${roleWords[role].title}</strong><span class="help">${roleWords[role].text}</span></span></label
        >`,
      )}
      ${error === null ? nothing : html`<p class="wrong" id="roles-error">${error}</p>`}
    </fieldset>`
  }

  private chooseRole(role: WorkerRole, chosen: boolean): void {
    const roles = (Object.keys(roleWords) as WorkerRole[]).filter((one) =>
      one === role ? chosen : this.form.roles.includes(one),
    )
    this.put({ roles }, "roles")
  }

  private text(key: "name" | "region" | "allowFrom", label: string, id: string, help: string) {
    const error = errorAt(this.issues, key)
    return field(
      { id, label, help, error },
      html`<input
        id=${id}
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id, help, error })}
        .value=${this.form[key]}
        @input=${(event: Event) => this.put({ [key]: (event.target as HTMLInputElement).value }, key)}
      />`,
    )
  }

  private runtime() {
    const help = "Deno gives the agent only the permissions it needs"
    return field(
      { id: "runtime", label: "The agent runs on", help, error: null },
      html`<select
        id="runtime"
        aria-describedby=${describedBy({ id: "runtime", help, error: null })}
        .value=${this.form.runtime}
        @change=${(event: Event) => this.put({ runtime: (event.target as HTMLSelectElement).value as AgentRuntime }, "runtime")}
      >
        <option value="deno" ?selected=${this.form.runtime === "deno"}>Deno</option>
        <option value="node" ?selected=${this.form.runtime === "node"}>Node.js</option>
      </select>`,
    )
  }

  private put(part: Partial<InstallationForm>, path: string): void {
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
    // A field that is folded away cannot be seen or focused.
    if (issues.some(({ path }) => path === "allowFrom"))
      this.renderRoot.querySelector("details")?.setAttribute("open", "")
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
