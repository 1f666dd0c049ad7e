import { steadySeconds } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { type FieldIssue, type ServiceForm, saysPort } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { fireForm } from "./formEvents.ts"
import "./sky-environment-fields.ts"
import "./sky-replicas-fields.ts"
import "./sky-resources-fields.ts"

/** What a service gets to run with: resources, instances and volume, port, health path, environment. */
@customElement("sky-configuration-fields")
export class SkyConfigurationFields extends LitElement {
  @property({ attribute: false }) form!: ServiceForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    choices,
    css`
      section {
        padding: 16px;
      }
      h2 {
        margin-bottom: 12px;
      }
      .two {
        display: grid;
        grid-template-columns: 140px minmax(0, 1fr);
        gap: 16px;
      }
    `,
  ]

  override render() {
    return html`<div class="stack">
      <section class="card" aria-labelledby="resources">
        <h2 id="resources">Resources</h2>
        <sky-resources-fields .form=${this.form} .issues=${this.issues}></sky-resources-fields>
      </section>
      <section class="card" aria-labelledby="replicas">
        <h2 id="replicas">Instances and volume</h2>
        <sky-replicas-fields .form=${this.form} .issues=${this.issues}></sky-replicas-fields>
      </section>
      <section class="card" aria-labelledby="network">
        <h2 id="network">How it answers</h2>
        <div class="stack">
          ${choice({
            id: "no-port",
            title: "Runs without a port",
            help: `A worker or a bot: nobody asks it, and it has no URL. It is healthy once its process has stayed up for ${steadySeconds} seconds.`,
            checked: !this.form.hasPort,
            choose: (without) => fireForm(this, { hasPort: !without }),
          })}
          ${this.form.hasPort ? html`<div class="two">${this.port()}${this.healthPath()}</div>` : nothing}
        </div>
      </section>
      <section class="card" aria-labelledby="environment">
        <h2 id="environment">Environment variables</h2>
        <sky-environment-fields secrets .variables=${this.form.variables} .issues=${this.issues}></sky-environment-fields>
      </section>
    </div>`
  }

  private port() {
    const error = errorAt(this.issues, "port")
    const help = `Also in $PORT${saysPort(this.form.door) ? `. Empty: as the ${this.form.door === "image" ? "image" : "repository"} says, else 8080` : ""}`
    return field(
      { id: "port", label: "Port", help, error },
      html`<input
        id="port"
        class="number"
        inputmode="numeric"
        autocomplete="off"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "port", help, error })}
        .value=${this.form.port}
        @input=${(event: Event) => fireForm(this, { port: (event.target as HTMLInputElement).value })}
      />`,
    )
  }

  private healthPath() {
    const error = errorAt(this.issues, "healthPath")
    const help = "Has to answer 200 to 399 before traffic comes. Empty: a connection to the port is enough"
    return field(
      { id: "health-path", label: "Health path", help, error },
      html`<input
        id="health-path"
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder="/health"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "health-path", help, error })}
        .value=${this.form.healthPath}
        @input=${(event: Event) => fireForm(this, { healthPath: (event.target as HTMLInputElement).value })}
      />`,
    )
  }
}
