import { css } from "lit"

/** What every element starts from. */
export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: 20px;
    line-height: 28px;
    font-weight: 650;
    letter-spacing: -0.01em;
  }
  h2 {
    font-size: 14px;
    line-height: 20px;
    font-weight: 600;
  }
  h3 {
    font-size: 13px;
    line-height: 20px;
    font-weight: 600;
  }
  a {
    color: var(--sky-accent);
    text-decoration: none;
  }
  a:hover {
    text-decoration: underline;
  }
  a.plain {
    color: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--sky-accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
  [tabindex="-1"]:focus {
    outline: none;
  }
  .mono,
  code,
  pre {
    font-family: var(--sky-mono);
    font-size: 0.92em;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .muted {
    color: var(--sky-text-muted);
  }
  .small {
    font-size: 12px;
    line-height: 16px;
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .row {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .wrap {
    flex-wrap: wrap;
  }
  .spread {
    justify-content: space-between;
  }
  .stack {
    display: grid;
    gap: 16px;
    align-content: start;
  }
  .card {
    background: var(--sky-surface);
    border: 1px solid var(--sky-border);
    border-radius: var(--sky-radius);
    box-shadow: var(--sky-shadow);
  }
  svg.icon {
    width: 16px;
    height: 16px;
    flex: none;
    display: block;
  }
`
