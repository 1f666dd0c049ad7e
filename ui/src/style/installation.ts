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
  ol {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    gap: 12px;
  }
  li {
    display: flex;
    gap: 8px;
    align-items: baseline;
    font-size: 13px;
    line-height: 20px;
    overflow-wrap: anywhere;
  }
  ol li {
    padding-top: 8px;
    border-top: 2px solid var(--sky-border);
  }
  li.done {
    border-color: var(--sky-good);
  }
  li.running {
    border-color: var(--sky-busy);
    font-weight: 600;
  }
  li.running .small {
    font-weight: 400;
  }
  li.failed {
    border-color: var(--sky-bad);
  }
  li.pending {
    color: var(--sky-text-muted);
  }
  sky-state {
    position: relative;
    top: 1px;
  }
  .advice {
    padding: 12px;
    border-radius: var(--sky-radius-small);
    background: var(--sky-warn-quiet);
    display: grid;
    gap: 4px;
  }
  .advice li {
    display: list-item;
    list-style: disc;
    margin-inline-start: 18px;
  }
  @media (max-width: 700px) {
    ol {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`
