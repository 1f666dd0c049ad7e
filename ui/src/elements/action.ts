import { html, nothing, type TemplateResult } from "lit"
import { type IconName, icon } from "./icons.ts"

export interface Action {
  readonly title: string
  readonly icon: IconName
  /** Null: possible now. */
  readonly whyNot: string | null
  readonly run: () => void
  readonly danger?: boolean
}

/** A button for an order; one that cannot be given now stays there and says why. */
export const actionButton = (action: Action): TemplateResult => {
  const { whyNot } = action
  const id = `reason-${action.title.toLowerCase().replace(/[^a-z]+/g, "-")}`
  return html`<span class="action">
    <button
      type="button"
      class=${action.danger ? "danger" : ""}
      aria-disabled=${whyNot === null ? "false" : "true"}
      aria-describedby=${whyNot === null ? nothing : id}
      @click=${() => whyNot === null && action.run()}
    >
      ${icon(action.icon)} ${action.title}</button
    >${whyNot === null ? nothing : html`<span class="reason" role="tooltip" id=${id}>${whyNot}</span>`}
  </span>`
}
