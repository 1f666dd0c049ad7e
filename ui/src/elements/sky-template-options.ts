import type { OptionValue } from "@skypanel/contract/TemplateOptions"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { optionIssues } from "../domain/optionForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { emptyOption, moveOption, nextId, type OptionForm, previewOptions } from "../domain/templateForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { icon } from "./icons.ts"
import "./sky-option-fields.ts"
import "./sky-template-option.ts"

/** What a template asks whoever uses it, and beside it the form that they will see. Says `options` with each change. */
@customElement("sky-template-options")
export class SkyTemplateOptions extends LitElement {
  @property({ attribute: false }) options: readonly OptionForm[] = []
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  /** What somebody tries in the preview. */
  @state() private tried: Readonly<Record<string, OptionValue>> = {}

  static override styles = [
    base,
    controls,
    css`
      .both {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
        gap: 16px;
        align-items: start;
      }
      .preview {
        padding: 16px;
        background: var(--sky-sunken);
      }
      h3 {
        margin-bottom: 12px;
      }
    `,
  ]

  override render() {
    const { options } = this
    return html`<div class="both">
      <div class="stack">
        ${repeat(
          options,
          ({ id }) => id,
          (option, at) => html`<sky-template-option
            .form=${option}
            .at=${at}
            .count=${options.length}
            .issues=${this.issues}
            @option=${({ detail }: CustomEvent<OptionForm>) =>
              this.put(options.map((one) => (one.id === detail.id ? detail : one)))}
            @move=${({ detail }: CustomEvent<-1 | 1>) => this.put(moveOption(options, at, detail))}
            @drop=${() => this.put(options.filter(({ id }) => id !== option.id))}
          ></sky-template-option>`,
        )}
        <div>
          <button type="button" @click=${() => this.put([...options, emptyOption(nextId(options))])}>
            ${icon("plus")} Add option
          </button>
        </div>
      </div>
      ${options.length === 0 ? nothing : this.preview()}
    </div>`
  }

  private preview() {
    const shown = previewOptions(this.options)
    return html`<section class="card preview" aria-labelledby="preview">
      <h3 id="preview">What a customer sees</h3>
      <sky-option-fields
        .options=${shown}
        .values=${this.tried}
        .issues=${Object.keys(this.tried).length === 0 ? [] : optionIssues(this.known(), shown, {})}
        @sky-options=${(event: CustomEvent<Readonly<Record<string, OptionValue>>>) => {
          event.stopPropagation()
          this.tried = event.detail
        }}
      ></sky-option-fields>
    </section>`
  }

  /** Without values of options that were renamed or removed since. */
  private known(): Readonly<Record<string, OptionValue>> {
    const names = previewOptions(this.options).map(({ name }) => name)
    return Object.fromEntries(Object.entries(this.tried).filter(([name]) => names.includes(name)))
  }

  private put(detail: readonly OptionForm[]): void {
    this.dispatchEvent(new CustomEvent("options", { detail }))
  }
}
