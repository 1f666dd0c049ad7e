import { html, type TemplateResult } from "lit"

/** A choice of a few words in one row. `label` is for readers of the screen. */
export const segments = <A extends string>(
  label: string,
  options: readonly { readonly value: A; readonly title: string }[],
  chosen: A,
  choose: (value: A) => void,
): TemplateResult => html`<fieldset class="segments">
  <legend class="hidden-text">${label}</legend>
  ${options.map(
    ({ value, title }) => html`<label
      ><input
        type="radio"
        name=${label}
        value=${value}
        .checked=${value === chosen}
        @change=${() => choose(value)}
      />${title}</label
    >`,
  )}
</fieldset>`
