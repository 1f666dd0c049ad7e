import type { GiveRegistryCredential, RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { css, html, LitElement } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import { giveRegistry } from "../data/registries.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "./field.ts"
import "./sky-problem.ts"

const help: Record<keyof GiveRegistryCredential, string> = {
  registry: "Such as ghcr.io; docker.io for Docker Hub.",
  username: "The name that the registry knows you by.",
  password: "Best a token that may only read. It is not shown again.",
}

/** Takes a credential for a registry. Says `given`, with all that there are then. */
@customElement("sky-registry-form")
export class SkyRegistryForm extends LitElement {
  @property() organization = ""
  /** Which registry it is for; empty: whoever fills it in says. */
  @property() registry = ""
  @property() verb = "Save credential"
  /** Beside something that matters more. */
  @property({ type: Boolean }) secondary = false
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false

  static override styles = [
    base,
    controls,
    css`
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(200px, 1fr));
        gap: 16px;
      }
    `,
  ]

  override render() {
    return html`<form class="stack" novalidate @submit=${this.give}>
      <div class="fields">
        ${this.input("registry", "Registry", "text")} ${this.input("username", "User name", "text")}
        ${this.input("password", "Token or password", "password")}
      </div>
      <sky-problem .problem=${this.problem}></sky-problem>
      <div>
        <button type="submit" class=${this.secondary ? "" : "primary"} aria-disabled=${this.busy ? "true" : "false"}>${this.verb}</button>
      </div>
    </form>`
  }

  private input(path: keyof GiveRegistryCredential, label: string, type: "text" | "password") {
    const error = errorAt(this.issues, path)
    const fixed = path === "registry" && this.registry !== ""
    return field(
      { id: path, label, help: help[path], error },
      html`<input
        id=${path}
        type=${type}
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        ?readonly=${fixed}
        .value=${fixed ? this.registry : ""}
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: path, help: help[path], error })}
      />`,
    )
  }

  private async give(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const form = event.currentTarget as HTMLFormElement
    const typed = (id: keyof GiveRegistryCredential) =>
      form.querySelector<HTMLInputElement>(`#${id}`)!.value.trim()
    this.busy = true
    this.problem = null
    this.issues = []
    try {
      const given = { registry: typed("registry"), username: typed("username"), password: typed("password") }
      const detail = await giveRegistry(this.organization, given)
      for (const id of this.registry === ""
        ? (["registry", "username", "password"] as const)
        : (["password"] as const))
        form.querySelector<HTMLInputElement>(`#${id}`)!.value = ""
      fire(this, "sky-notice", { tone: "good", text: `The credential for ${given.registry} is saved.` })
      this.dispatchEvent(new CustomEvent<readonly RegistryCredential[]>("given", { detail }))
    } catch (error) {
      this.problem = asProblem(error)
      this.issues = this.problem.issues
      void this.updateComplete.then(() => focusFirstWrong(this.renderRoot))
    } finally {
      this.busy = false
    }
  }
}
