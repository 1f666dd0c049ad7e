import { css } from "lit"

/** One of a few, chosen in place: radio buttons that look like one control. */
export const segments = css`
  .segments {
    display: inline-flex;
    border: 1px solid var(--sky-border);
    border-radius: var(--sky-radius-small);
    background: var(--sky-sunken);
    padding: 2px;
    margin: 0;
    min-width: 0;
    max-width: 100%;
  }
  .segments label {
    position: relative;
    margin: 0;
    padding: 3px 12px;
    border-radius: 4px;
    font-size: 13px;
    line-height: 20px;
    color: var(--sky-text-muted);
    cursor: pointer;
  }
  .segments label:has(:checked) {
    background: var(--sky-surface);
    color: var(--sky-text);
    box-shadow: var(--sky-shadow);
  }
  .segments label:has(:focus-visible) {
    outline: 2px solid var(--sky-accent);
    outline-offset: 1px;
  }
  .segments input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
`
