import { html, nothing } from "lit"

/** What a rollback does not bring back. */
export const secretsOfNow = (names: readonly string[]) =>
  names.length === 0
    ? nothing
    : html`<p>
        ${names.map((name, at) => html`${at === 0 ? "" : ", "}<code>${name}</code>`)}
        ${names.length === 1 ? "is" : "are"} used as of now: the value of then is gone.
      </p>`
