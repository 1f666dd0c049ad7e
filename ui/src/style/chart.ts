import { css } from "lit"

export const chart = css`
  figure {
    display: grid;
    gap: 4px;
    grid-template-columns: minmax(0, 1fr);
    position: relative;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    gap: 0 12px;
    align-items: baseline;
    justify-content: space-between;
    min-height: 20px;
  }
  .plot {
    height: 110px;
    min-width: 0;
    overflow: hidden;
    border-radius: 4px;
  }
  .colour {
    position: absolute;
    visibility: hidden;
  }
  .accent {
    color: var(--sky-accent);
  }
  .quiet {
    color: var(--sky-accent-quiet);
  }
  .muted {
    color: var(--sky-text-muted);
  }
  .line {
    color: var(--sky-border);
  }
  .u-hz .u-cursor-x {
    border-right-color: var(--sky-border-strong);
  }
`
