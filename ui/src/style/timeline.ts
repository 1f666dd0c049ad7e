import { css } from "lit"

export const timeline = css`
  :host {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }
  .total {
    font-size: 13px;
    line-height: 20px;
  }
  .line {
    display: grid;
    grid-template-columns: repeat(5, minmax(0, 1fr)) minmax(64px, auto);
  }
  .stop {
    position: relative;
    min-width: 0;
  }
  button,
  .still {
    position: relative;
    z-index: 1;
    display: grid;
    gap: 8px;
    justify-items: start;
    align-content: start;
    width: calc(100% - 8px);
    font: inherit;
    font-size: 13px;
    line-height: 18px;
    text-align: start;
    color: inherit;
    background: none;
    border: 0;
    padding: 4px;
    margin: -4px;
    border-radius: 8px;
    cursor: pointer;
  }
  .still {
    cursor: default;
  }
  .shape {
    display: grid;
    place-content: center;
    width: 24px;
    height: 24px;
    border-radius: 50%;
    background: var(--sky-surface);
    border: 2px solid var(--sky-border-strong);
    color: var(--sky-text-muted);
    transition: background-color var(--sky-motion);
  }
  .shape svg.icon {
    width: 14px;
    height: 14px;
    stroke-width: 2;
  }
  .dot {
    width: 6px;
    height: 6px;
    border-radius: 50%;
    background: currentColor;
    opacity: 0.6;
  }
  .words {
    display: grid;
    min-width: 0;
    max-width: 100%;
  }
  .title {
    font-weight: 550;
  }
  button:hover .title {
    text-decoration: underline;
  }
  .open .title {
    color: var(--sky-accent);
  }
  .time {
    color: var(--sky-text-muted);
    font-size: 12px;
    line-height: 16px;
    min-height: 16px;
    white-space: nowrap;
  }
  .rail {
    position: absolute;
    top: 11px;
    inset-inline: 28px 4px;
    height: 2px;
    border-radius: 1px;
    background: var(--sky-border);
    overflow: hidden;
  }
  .rail::after {
    content: "";
    position: absolute;
    inset: 0;
    background: var(--sky-good);
    transform-origin: 0 50%;
    transform: scaleX(var(--fill, 0));
  }
  .running .rail::after {
    background: var(--sky-busy);
  }
  .done .shape {
    background: var(--sky-good);
    border-color: var(--sky-good);
    color: var(--sky-surface);
  }
  .running .shape {
    border-color: var(--sky-busy);
    color: var(--sky-busy);
  }
  .running .dot {
    opacity: 1;
    animation: beat 1.2s ease-in-out infinite;
  }
  .running .time {
    color: var(--sky-busy);
  }
  .failed .shape {
    background: var(--sky-bad-fill);
    border-color: var(--sky-bad-fill);
    color: #fff;
  }
  .failed .title,
  .failed .time {
    color: var(--sky-bad);
  }
  .skipped .shape {
    border-style: dashed;
  }
  .skipped .title,
  .pending .title {
    color: var(--sky-text-muted);
  }
  .skipped .rail::after {
    background: repeating-linear-gradient(90deg, var(--sky-good) 0 4px, transparent 4px 8px);
  }
  @keyframes beat {
    50% {
      transform: scale(1.5);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .running .dot {
      animation: none;
    }
  }
  .panel {
    display: grid;
    gap: 8px;
    grid-template-columns: minmax(0, 1fr);
    border-top: 1px solid var(--sky-border);
    padding-top: 12px;
  }
  .head {
    min-height: 24px;
  }
  .detail {
    font-size: 13px;
    line-height: 20px;
    color: var(--sky-text-muted);
    overflow-wrap: anywhere;
  }
`
