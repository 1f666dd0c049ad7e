import { css } from "lit"

export const deploymentStyle = css`
  .card.line {
    padding: 16px;
    --sky-log-height: clamp(260px, calc(100vh - 420px), 640px);
  }
  .facts {
    gap: 4px 16px;
    font-size: 13px;
    color: var(--sky-text-muted);
  }
  .of {
    font-weight: 400;
    color: var(--sky-text-muted);
  }
  .line.short {
    --sky-log-height: 200px;
  }
  .head {
    align-items: flex-start;
    gap: 12px;
  }
`
