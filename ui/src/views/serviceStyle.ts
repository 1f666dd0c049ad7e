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
  @media (max-width: 700px) {
    sky-service-actions {
      margin-inline-start: 0;
      width: 100%;
    }
  }
`
