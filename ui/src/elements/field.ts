import { html, nothing, type TemplateResult } from "lit"
import type { FieldIssue } from "../domain/serviceForm.ts"

export interface Field {
  /** Of the input, unique in its root. */
  readonly id: string
  readonly label: unknown
  readonly help?: unknown
  readonly error: string | null
}

/** What an input says about itself: which text describes it, and whether it is right. */
export const describedBy = (field: Pick<Field, "id" | "help" | "error">): string | typeof nothing => {
  const ids = [field.error === null ? null : `${field.id}-error`, field.help ? `${field.id}-help` : null]
  return ids.filter(Boolean).join(" ") || nothing
}

/** A label above, the input, what is wrong with it, and help below. */
export const field = (parts: Field, input: TemplateResult): TemplateResult => html`<div class="field">
  <label for=${parts.id}>${parts.label}</label>
  ${input}
  ${parts.error === null ? nothing : html`<p class="wrong" id="${parts.id}-error">${sentence(parts.error)}</p>`}
  ${parts.help ? html`<p class="help" id="${parts.id}-help">${parts.help}</p>` : nothing}
</div>`

const sentence = (text: string): string => {
  const start = text[0]?.toUpperCase() + text.slice(1)
  return /[.!?]$/.test(start) ? start : `${start}.`
}

/** What the platform or the contract says about the field of this path. */
export const errorAt = (issues: readonly FieldIssue[], path: string): string | null =>
  issues.find((issue) => issue.path === path)?.message ?? null

/** The first input with an error, over the borders of elements, in the order of the page. */
export const focusFirstWrong = (root: ParentNode): boolean => {
  for (const element of root.querySelectorAll<HTMLElement>("*")) {
    if (element.getAttribute("aria-invalid") === "true") {
      element.focus()
      return true
    }
    if (element.shadowRoot && focusFirstWrong(element.shadowRoot)) return true
  }
  return false
}
