import { html, nothing, type TemplateResult } from "lit"

export interface Choice {
  /** Unique in its root. */
  readonly id: string
  /** Of the group, for one of several; left out: a box to tick. */
  readonly group?: string
  readonly title: string
  readonly help?: string
  readonly checked: boolean
  readonly wrong?: boolean
  readonly choose: (checked: boolean) => void
}

/** A box to tick or one of several to choose. Its name is the title alone; the help is told after it. */
export const choice = (one: Choice): TemplateResult => html`<label class="choice">
  <input
    id=${one.id}
    type=${one.group === undefined ? "checkbox" : "radio"}
    name=${one.group ?? nothing}
    aria-labelledby="${one.id}-title"
    aria-describedby=${one.help === undefined ? nothing : `${one.id}-help`}
    aria-invalid=${one.wrong ? "true" : "false"}
    .checked=${one.checked}
    @change=${(event: Event) => one.choose((event.target as HTMLInputElement).checked)}
  />
  <span>
    <strong id="${one.id}-title">${one.title}</strong>
    ${one.help === undefined ? nothing : html`<span class="help" id="${one.id}-help">${one.help}</span>`}
  </span>
</label>`
