import type { DiffLine, TemplateChange } from "@skypanel/contract/Template"
import { css, html } from "lit"

const said: Record<DiffLine["mark"], string> = { " ": "", "+": "Added: ", "-": "Removed: ", "…": "" }

/** Of lines that were added and removed. The tables need `table` as well. */
export const difference = css`
  .lines {
    margin: 0;
    padding: 8px 0;
    font-family: var(--sky-mono);
    font-size: 12px;
    line-height: 20px;
    background: var(--sky-sunken);
    border-radius: var(--sky-radius-small);
    overflow: auto;
    max-height: 420px;
    white-space: pre;
  }
  .line {
    padding: 0 12px;
    min-width: max-content;
  }
  .added {
    background: var(--sky-good-quiet);
    color: var(--sky-good);
  }
  .removed {
    background: var(--sky-bad-quiet);
    color: var(--sky-bad);
  }
`

/** What is another in two versions, field by field. */
export const changeTable = (title: string, changes: readonly TemplateChange[]) =>
  html`<div class="card table">
    <table>
      <thead>
        <tr>
          <th>${title}</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        ${changes.map(
          ({ field, before, after }) => html`<tr>
            <td class="lead"><code>${field}</code></td>
            <td data-label="Before">${before ?? "–"}</td>
            <td data-label="After">${after ?? "–"}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`

const line = ({ mark, text }: DiffLine) => {
  const kind = mark === "+" ? "added" : mark === "-" ? "removed" : ""
  return html`<div class="line ${kind}"><span class="hidden-text">${said[mark]}</span>${mark} ${text}</div>`
}

/** How a text became another. */
export const diffLines = (title: string, lines: readonly DiffLine[]) =>
  html`<div class="lines" tabindex="0" role="region" aria-label=${title}>${lines.map(line)}</div>`
