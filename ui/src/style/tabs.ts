import { css } from "lit"

/** Tabs that are links: each is a place of its own. */
export const tabs = css`
  .tabs {
    display: flex;
    gap: 20px;
    border-bottom: 1px solid var(--sky-border);
    overflow-x: auto;
    scrollbar-width: none;
  }
  .tabs a {
    padding: 8px 0;
    margin-bottom: -1px;
    font-size: 13px;
    line-height: 20px;
    font-weight: 500;
    color: var(--sky-text-muted);
    border-bottom: 2px solid transparent;
    white-space: nowrap;
  }
  .tabs a:hover {
    color: var(--sky-text);
    text-decoration: none;
  }
  .tabs a[aria-current] {
    color: var(--sky-text);
    border-color: var(--sky-accent);
  }
  .tabs a:focus-visible {
    outline-offset: -2px;
  }
`
