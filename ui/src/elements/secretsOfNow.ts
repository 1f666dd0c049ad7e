import { html, nothing } from "lit"

/** What a rollback does not bring back. */
export const secretsOfNow = (names: readonly string[]) =>
  names.length === 0
    ? nothing
    : html`<p>
        ${names.map((name, at) => html`${at === 0 ? "" : ", "}<code>${name}</code>`)}
        ${names.length === 1 ? "was" : "were"} rotated since: the value of now is used, not the one of then.
      </p>`
