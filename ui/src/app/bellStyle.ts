import { css } from "lit"

export const bellStyle = css`
  .bell {
    position: relative;
  }
  .count {
    position: absolute;
    inset: 0 0 auto auto;
    min-width: 16px;
    padding: 0 4px;
    border-radius: 8px;
    font-size: 10px;
    line-height: 16px;
    font-weight: 650;
    text-align: center;
    background: var(--sky-bad-fill);
    color: #fff;
  }
  #panel {
    position: fixed;
    inset: 56px 16px auto auto;
    margin: 0;
    padding: 0;
    width: min(400px, calc(100vw - 24px));
    max-height: min(640px, calc(100dvh - 80px));
    border: 1px solid var(--sky-border);
    border-radius: 12px;
    background: var(--sky-raised);
    color: var(--sky-text);
    box-shadow: var(--sky-shadow-float);
    overflow: hidden;
  }
  #panel:popover-open {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
  }
  .head {
    min-height: 48px;
    padding: 8px 8px 8px 16px;
    border-bottom: 1px solid var(--sky-border);
  }
  .body {
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  .none {
    padding: 24px 16px;
    font-size: 13px;
  }
  .all {
    padding: 10px 16px;
    font-size: 13px;
    border-top: 1px solid var(--sky-border);
  }
  @media (max-width: 760px) {
    #panel {
      inset: 56px 12px auto 12px;
      width: auto;
    }
  }
`
