import type { Volume } from "@skypanel/contract/Volume"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { FieldIssue, ServiceForm } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { fireForm } from "./formEvents.ts"

const whenLost: readonly {
  readonly value: Volume["whenWorkerIsLost"]
  readonly title: string
  readonly help: string
}[] = [
  {
    value: "wait",
    title: "Wait for its data",
    help: "The service is down until its worker is back. For data that must not be lost.",
  },
  {
    value: "start-empty",
    title: "Start elsewhere, empty",
    help: "It runs again on another worker, without what was written. For caches and scratch space.",
  },
]

/** How many instances a service has, and whether it keeps a folder of its own. One excludes more of the other. */
@customElement("sky-replicas-fields")
export class SkyReplicasFields extends LitElement {
  @property({ attribute: false }) form!: ServiceForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    choices,
    css`
      .count {
        max-width: 480px;
      }
      #count {
        max-width: 96px;
      }
      .two {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(110px, 1fr);
        gap: 16px;
      }
    `,
  ]

  override render() {
    return html`<div class="stack">
      ${this.count()}
      ${choice({
        id: "volume",
        title: "Keep a volume",
        help: "A folder that outlives its instances. It is on one worker, so the service has one instance.",
        checked: this.form.hasVolume,
        choose: (hasVolume) => fireForm(this, { hasVolume }),
      })}
      ${this.form.hasVolume ? this.volume() : nothing}
    </div>`
  }

  private count() {
    const error = errorAt(this.issues, "replicas")
    const help = this.form.hasVolume
      ? "One: its volume cannot be in two places"
      : "Each gets the resources above; the price is for all of them"
    return html`<div class="count">${field(
      { id: "count", label: "Instances", help, error },
      html`<input
        id="count"
        class="number"
        inputmode="numeric"
        autocomplete="off"
        ?disabled=${this.form.hasVolume}
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "count", help, error })}
        .value=${this.form.hasVolume ? "1" : this.form.replicas}
        @input=${(event: Event) => fireForm(this, { replicas: (event.target as HTMLInputElement).value })}
      />`,
    )}</div>`
  }

  private volume() {
    const path = errorAt(this.issues, "volume.path") ?? errorAt(this.issues, "volume")
    const size = errorAt(this.issues, "volume.sizeBytes")
    const pathHelp = "Where the program finds it"
    const sizeHelp = "Such as 1 GiB"
    return html`<div class="two">
        ${field(
          { id: "volume-path", label: "Folder", help: pathHelp, error: path },
          html`<input
            id="volume-path"
            class="mono"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-invalid=${path === null ? "false" : "true"}
            aria-describedby=${describedBy({ id: "volume-path", help: pathHelp, error: path })}
            .value=${this.form.volumePath}
            @input=${(event: Event) => fireForm(this, { volumePath: (event.target as HTMLInputElement).value })}
          />`,
        )}
        ${field(
          { id: "volume-size", label: "Volume size", help: sizeHelp, error: size },
          html`<input
            id="volume-size"
            class="number"
            autocomplete="off"
            aria-invalid=${size === null ? "false" : "true"}
            aria-describedby=${describedBy({ id: "volume-size", help: sizeHelp, error: size })}
            .value=${this.form.volumeSize}
            @input=${(event: Event) => fireForm(this, { volumeSize: (event.target as HTMLInputElement).value })}
          />`,
        )}
      </div>
      <fieldset class="choices">
        <legend class="label">When its worker is lost</legend>
        ${whenLost.map(({ value, title, help }) =>
          choice({
            id: `lost-${value}`,
            group: "when-lost",
            title,
            help,
            checked: this.form.whenWorkerIsLost === value,
            choose: () => fireForm(this, { whenWorkerIsLost: value }),
          }),
        )}
      </fieldset>`
  }
}
