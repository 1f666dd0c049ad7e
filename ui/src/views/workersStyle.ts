import { css } from "lit"

export const workersStyle = css`
  .name {
    font-weight: 600;
    white-space: nowrap;
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
  td {
    vertical-align: top;
    overflow-wrap: normal;
  }
  @container (min-width: 801px) {
    th,
    td {
      padding-inline: 8px;
    }
  }
  sky-bar {
    min-width: 88px;
  }
  .versions {
    font-size: 12px;
    line-height: 16px;
    color: var(--sky-text-muted);
  }
  .set {
    width: 15ch;
  }
  .version {
    white-space: nowrap;
  }
  .tags {
    gap: 4px;
  }
  @container (max-width: 800px) {
    sky-bar {
      width: 55%;
    }
    .set {
      max-width: 60%;
    }
  }
`
