import { css } from "lit"

export const lines = css`
  .scroller {
    height: 100%;
    overflow: auto;
    overscroll-behavior: contain;
    overflow-anchor: none;
    padding-block: 6px;
    font: 12px / 20px var(--sky-mono);
  }
  .scroller:focus-visible {
    outline-offset: -2px;
  }
  .probe {
    position: absolute;
    visibility: hidden;
    pointer-events: none;
  }
  .sizer {
    position: relative;
    contain: layout;
    min-width: max-content;
  }
  :host([wrap]) .sizer {
    min-width: 0;
  }
  .window {
    position: absolute;
    inset: 0 0 auto 0;
    min-width: max-content;
    will-change: transform;
  }
  :host([wrap]) .window {
    min-width: 0;
  }
  .line {
    display: flex;
    gap: 12px;
    padding: 0 12px 0 0;
    white-space: pre;
    min-width: 100%;
    width: max-content;
    min-height: 20px;
  }
  :host([wrap]) .line {
    width: 100%;
  }
  :host([wrap]) .text {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    min-width: 0;
  }
  .line:hover {
    background: var(--sky-hover);
  }
  .no {
    flex: none;
    min-width: 52px;
    padding-inline: 8px 0;
    text-align: end;
    color: var(--sky-text-muted);
    user-select: none;
    font-variant-numeric: tabular-nums;
  }
  time,
  .origin {
    flex: none;
    color: var(--sky-text-muted);
    user-select: none;
  }
  .stderr {
    box-shadow: inset 2px 0 0 var(--sky-warn);
  }
  .note .text {
    color: var(--sky-accent);
  }
  .marked {
    background: var(--sky-bad-quiet);
    box-shadow: inset 2px 0 0 var(--sky-bad);
  }
  .current {
    background: var(--sky-accent-quiet);
  }
  mark {
    background: var(--sky-mark);
    color: inherit;
    border-radius: 2px;
  }
  .bold {
    font-weight: 700;
  }
  .dim {
    color: var(--sky-text-muted);
  }
  .italic {
    font-style: italic;
  }
  .underline {
    text-decoration: underline;
  }
  .fg-black,
  .fg-white {
    color: var(--sky-text);
  }
  .fg-red {
    color: light-dark(#b4232c, #ff8f8f);
  }
  .fg-green {
    color: light-dark(#0f7a43, #4cc38a);
  }
  .fg-yellow {
    color: light-dark(#8a5300, #f0b357);
  }
  .fg-blue {
    color: light-dark(#2557cf, #8fb2ff);
  }
  .fg-magenta {
    color: light-dark(#9333a8, #dd9bf0);
  }
  .fg-cyan {
    color: light-dark(#0b6f80, #5cc8d8);
  }
  .bg-black,
  .bg-white {
    background: var(--sky-idle-quiet);
  }
  .bg-red {
    background: light-dark(#fdd9da, #5a1f23);
  }
  .bg-green {
    background: light-dark(#cdeedb, #174a30);
  }
  .bg-yellow {
    background: light-dark(#fae3b4, #4f3a10);
  }
  .bg-blue {
    background: light-dark(#d5e2fd, #22356b);
  }
  .bg-magenta {
    background: light-dark(#f3d9f8, #4a2155);
  }
  .bg-cyan {
    background: light-dark(#cbeef3, #14444d);
  }
  @media (max-width: 700px) {
    time {
      display: none;
    }
    .no {
      min-width: 40px;
    }
    .line {
      gap: 8px;
    }
  }
`
