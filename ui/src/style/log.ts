import { css } from "lit"

export const log = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    grid-template-columns: minmax(0, 1fr);
    border: 1px solid var(--sky-border);
    border-radius: var(--sky-radius);
    background: var(--sky-surface);
    overflow: hidden;
    height: var(--sky-log-height, 420px);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    align-items: center;
    padding: 6px 8px;
    border-bottom: 1px solid var(--sky-border);
  }
  .bar .find {
    position: relative;
    flex: 1 1 180px;
    max-width: 340px;
    display: flex;
    align-items: center;
  }
  .bar .find .icon {
    position: absolute;
    inset-inline-start: 8px;
    color: var(--sky-text-muted);
    pointer-events: none;
  }
  .bar input[type="search"] {
    padding-inline-start: 30px;
    font-size: 13px;
  }
  .bar select {
    width: auto;
    font-size: 13px;
  }
  .bar .count {
    min-width: 72px;
  }
  .bar .end {
    margin-inline-start: auto;
  }
  .bar button[aria-pressed="true"] {
    background: var(--sky-accent-quiet);
    color: var(--sky-accent);
  }
  .only {
    display: flex;
    gap: 6px;
    align-items: center;
    margin: 0;
    font-weight: 400;
    white-space: nowrap;
  }
  .pane {
    position: relative;
    min-height: 0;
    background: var(--sky-sunken);
  }
  sky-lines {
    position: absolute;
    inset: 0;
  }
  .empty {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    color: var(--sky-text-muted);
    font-size: 13px;
    padding: 16px;
    text-align: center;
    pointer-events: none;
  }
  .newest {
    position: absolute;
    inset: auto 16px 12px auto;
    box-shadow: var(--sky-shadow-float);
    background: var(--sky-raised);
  }
  .down {
    color: var(--sky-warn);
    font-size: 12px;
    font-weight: 550;
  }
`
