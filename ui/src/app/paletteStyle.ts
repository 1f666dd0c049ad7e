import { css } from "lit"

export const paletteStyle = css`
  wa-dialog {
    --width: 560px;
    --spacing: 0;
  }
  wa-dialog::part(dialog) {
    border: 1px solid var(--sky-border);
    color: var(--sky-text);
    margin-top: 12vh;
  }
  wa-dialog::part(body) {
    padding: 0;
  }
  .ask {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 0 16px;
    border-bottom: 1px solid var(--sky-border);
    color: var(--sky-text-muted);
  }
  input {
    flex: 1;
    min-width: 0;
    height: 48px;
    border: 0;
    outline: none;
    background: none;
    font: 15px / 24px var(--sky-font);
    color: var(--sky-text);
  }
  input:focus-visible {
    outline: none;
  }
  ul {
    padding: 8px;
    max-height: 50vh;
    overflow-y: auto;
  }
  li {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 8px;
    border-radius: var(--sky-radius-small);
    font-size: 13px;
    line-height: 20px;
    cursor: pointer;
  }
  li .icon {
    color: var(--sky-text-muted);
  }
  li[aria-selected="true"] {
    background: var(--sky-accent-quiet);
  }
  li span:last-child {
    margin-inline-start: auto;
  }
  p {
    padding: 16px;
    font-size: 13px;
    color: var(--sky-text-muted);
  }
`
