import { css } from "lit"

export const serviceStyle = css`
  header {
    display: grid;
    gap: 4px;
  }
  .title {
    gap: 12px;
  }
  .title h1 {
    overflow-wrap: anywhere;
  }
  sky-service-actions {
    margin-inline-start: auto;
  }
  .facts {
    gap: 4px 20px;
    font-size: 13px;
    min-height: 24px;
  }
  .facts .row {
    gap: 4px;
    overflow-wrap: anywhere;
  }
  .facts strong {
    color: var(--sky-text);
    font-weight: 550;
  }
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
  @media (max-width: 700px) {
    sky-service-actions {
      margin-inline-start: 0;
      width: 100%;
    }
  }
`
