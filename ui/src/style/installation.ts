import { css } from "lit"

export const installation = css`
  section {
    padding: 16px;
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
  }
  .once {
    display: flex;
    gap: 8px;
    align-items: center;
    color: var(--sky-text-muted);
  }
  .help {
    margin: 0;
  }
  summary {
    cursor: pointer;
    font-size: 13px;
    padding: 4px 0;
  }
  .advice {
    padding: 12px;
    border-radius: var(--sky-radius-small);
    background: var(--sky-warn-quiet);
    display: grid;
    gap: 4px;
  }
  .advice li {
    list-style: disc;
    margin-inline-start: 18px;
    font-size: 13px;
    line-height: 20px;
    overflow-wrap: anywhere;
  }
`
