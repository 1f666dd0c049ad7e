import { css } from "lit"

export const workerOverviewStyle = css`
  section {
    padding: 16px;
    min-width: 0;
  }
  .bars {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
    gap: 16px 24px;
  }
  .head {
    margin-bottom: 12px;
  }
  .charts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr));
    gap: 20px 24px;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(170px, 1fr));
    gap: 16px 24px;
  }
  dt {
    font-size: 12px;
    line-height: 16px;
    color: var(--sky-text-muted);
  }
  dd {
    font-size: 14px;
    overflow-wrap: anywhere;
  }
  section.flush {
    padding: 0;
  }
  section.flush .head {
    padding: 12px 12px 4px;
    margin: 0;
  }
  .none {
    padding: 4px 12px 16px;
    color: var(--sky-text-muted);
    font-size: 13px;
  }
  .moves {
    display: inline-flex;
    vertical-align: middle;
    margin-inline-start: 8px;
    gap: 4px;
    align-items: center;
    color: var(--sky-busy);
  }
`
