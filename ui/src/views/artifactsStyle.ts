import { css } from "lit"

export const artifactsStyle = css`
  .card {
    padding: 16px;
  }
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
    gap: 12px 24px;
  }
  .facts dt {
    font-size: 12px;
    line-height: 16px;
    color: var(--sky-text-muted);
  }
  .facts dd {
    font-size: 16px;
    line-height: 24px;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .facts dd span {
    display: block;
    font-size: 12px;
    line-height: 16px;
    font-weight: 400;
    color: var(--sky-text-muted);
  }
  section h2 {
    margin-bottom: 8px;
  }
  sky-chart {
    margin-top: 16px;
  }
  .path {
    font-family: var(--sky-mono);
    font-size: 12px;
    overflow-wrap: anywhere;
  }
  form.pin {
    display: flex;
    flex-wrap: wrap;
    gap: 12px;
    align-items: start;
  }
  form.pin .field {
    flex: 1 1 220px;
  }
  /* Beside the inputs, which have a label above. */
  form.pin button {
    margin-top: 24px;
  }
  form.keep {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
    gap: 16px;
  }
  form.keep .end {
    grid-column: 1 / -1;
  }
  .gone {
    color: var(--sky-bad);
    font-weight: 550;
  }
`
