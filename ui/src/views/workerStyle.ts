import { css } from "lit"

export const workerStyle = css`
  header {
    display: grid;
    gap: 8px;
  }
  .title {
    gap: 12px;
  }
  .title h1 {
    overflow-wrap: anywhere;
  }
  sky-worker-actions {
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
  .alert {
    color: var(--sky-warn);
    font-weight: 550;
  }
  .tag {
    font-size: 11px;
    line-height: 16px;
    padding: 0 6px;
    border: 1px solid var(--sky-border-strong);
    border-radius: 4px;
    color: var(--sky-text-muted);
  }
  @media (max-width: 900px) {
    sky-worker-actions {
      margin-inline-start: 0;
      width: 100%;
    }
  }
`
