import { css } from "lit"

export const workersStyle = css`
  .summary {
    min-height: 32px;
  }
  .summary p {
    gap: 4px 16px;
  }
  .search {
    width: min(280px, 100%);
  }
  .name {
    font-weight: 600;
    white-space: nowrap;
    color: var(--sky-text);
  }
  .tag {
    white-space: nowrap;
    display: inline-block;
    font-size: 11px;
    line-height: 16px;
    padding: 0 6px;
    border: 1px solid var(--sky-border-strong);
    border-radius: 4px;
    color: var(--sky-text-muted);
  }
  .tags {
    gap: 4px;
    margin-top: 4px;
  }
  td {
    vertical-align: top;
    overflow-wrap: normal;
  }
  .fine {
    font-size: 12px;
    line-height: 16px;
    color: var(--sky-text-muted);
  }
  .reason {
    margin-top: 4px;
    color: var(--sky-text);
    max-width: 34ch;
    overflow-wrap: anywhere;
  }
  .alert {
    display: flex;
    gap: 4px;
    align-items: center;
    margin-top: 4px;
    color: var(--sky-warn);
    font-weight: 550;
  }
  .alert svg.icon {
    width: 12px;
    height: 12px;
  }
  .old {
    color: var(--sky-warn);
  }
  .removed {
    opacity: 0.75;
  }
  @container (min-width: 801px) {
    th,
    td {
      padding-inline: 8px;
    }
    td:nth-child(2) {
      min-width: 170px;
    }
  }
  sky-bar {
    min-width: 104px;
  }
  @container (max-width: 800px) {
    tr {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    td {
      grid-column: 1 / -1;
    }
    /* The three beside each other: a phone shows several workers at once. */
    td.use {
      grid-column: auto;
      display: block;
      padding-inline: 8px;
      text-align: start;
    }
    td.use:nth-of-type(3) {
      padding-left: 16px;
    }
    td.use:nth-of-type(5) {
      padding-right: 16px;
    }
    sky-bar {
      min-width: 0;
      --sky-bar-wrap: normal;
    }
    .state {
      display: grid;
      justify-items: end;
    }
  }
`
