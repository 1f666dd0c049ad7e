import type { AgentRuntime } from "@skypanel/contract/Installation"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, query } from "lit/decorators.js"
import { type InstallationForm, roleWords } from "../domain/installationForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { installationFields } from "../style/installationFields.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field } from "./field.ts"
import "./sky-labels-fields.ts"

declare global {
  interface HTMLElementEventMap {
    /** A part of the form has been typed; whoever holds the form puts it in. */
    "sky-installation-form": CustomEvent<Partial<InstallationForm>>
  }
}

/** What a new worker shall be: roles, name, region, labels, and what is rarely needed folded away. */
@customElement("sky-installation-fields")
export class SkyInstallationFields extends LitElement {
  @property({ attribute: false }) form!: InstallationForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  @query("details") private readonly more!: HTMLDetailsElement

  static override styles = [base, controls, choices, installationFields]

  /** What is wrong has to be seen, and what is folded away cannot be focused. */
  override updated(changed: PropertyValues<this>): void {
    if (changed.has("issues") && errorAt(this.issues, "allowFrom") !== null) this.more.open = true
  }

  override render() {
    const { form, issues } = this
    return html`<div class="stack">
      <section class="card" aria-labelledby="what">
        <h2 id="what">What it does</h2>
        ${this.roles()}
      </section>
      <section class="card" aria-labelledby="which">
        <h2 id="which">Which one it is</h2>
        <div class="two">
          ${this.text("name", "Name", "name", "Empty: the machine's own host name")}
          ${this.text("region", "Region", "region", "Where it stands, such as fra1. May be empty")}
        </div>
        <sky-labels-fields
          .rows=${form.labels}
          .issues=${issues}
          @labels=${(event: CustomEvent<InstallationForm["labels"]>) => this.put({ labels: event.detail })}
        ></sky-labels-fields>
      </section>
      <details class="card" ?open=${form.allowFrom !== "" || form.runtime !== "deno"}>
        <summary>More</summary>
        <div class="two">
          ${this.text("allowFrom", "Only from this address range", "allow-from", "Such as 192.0.2.0/24. Empty: from anywhere")}
          ${this.runtime()}
        </div>
      </details>
    </div>`
  }

  private roles() {
    const error = errorAt(this.issues, "roles")
    return html`<fieldset class="choices" aria-describedby=${error === null ? nothing : "roles-error"}>
      <legend class="hidden-text">Roles</legend>
      ${(Object.keys(roleWords) as WorkerRole[]).map((role) =>
        choice({
          id: `role-${role}`,
          title: roleWords[role].title,
          help: roleWords[role].text,
          checked: this.form.roles.includes(role),
          wrong: error !== null,
          choose: (chosen) => this.chooseRole(role, chosen),
        }),
      )}
      ${error === null ? nothing : html`<p class="wrong" id="roles-error">${error}</p>`}
    </fieldset>`
  }

  private chooseRole(role: WorkerRole, chosen: boolean): void {
    const roles = (Object.keys(roleWords) as WorkerRole[]).filter((one) =>
      one === role ? chosen : this.form.roles.includes(one),
    )
    this.put({ roles })
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
        @input=${(event: Event) => this.put({ [key]: (event.target as HTMLInputElement).value })}
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
        @change=${(event: Event) => this.put({ runtime: (event.target as HTMLSelectElement).value as AgentRuntime })}
      >
        <option value="deno" ?selected=${this.form.runtime === "deno"}>Deno</option>
        <option value="node" ?selected=${this.form.runtime === "node"}>Node.js</option>
      </select>`,
    )
  }

  private put(detail: Partial<InstallationForm>): void {
    this.dispatchEvent(new CustomEvent("sky-installation-form", { detail, bubbles: true, composed: true }))
  }
}
