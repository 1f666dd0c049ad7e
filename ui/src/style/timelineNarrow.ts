import { css } from "lit"

/** On a phone the line goes down instead of across; where it is compact, only its stops are left. */
export const timelineNarrow = css`
  @media (max-width: 700px) {
    .line {
      grid-template-columns: minmax(0, 1fr);
    }
    .stop {
      min-height: 48px;
    }
    button,
    .still {
      grid-template-columns: 24px 1fr;
      gap: 12px;
      align-items: center;
    }
    .words {
      display: flex;
      gap: 12px;
      justify-content: space-between;
      align-items: baseline;
      width: 100%;
    }
    :host([compact]) .line {
      grid-template-columns: repeat(5, minmax(0, 1fr)) 24px;
    }
    :host([compact]) .stop {
      min-height: 24px;
    }
    :host([compact]) .words {
      position: absolute;
      width: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    :host(:not([compact])) .rail {
      top: 26px;
      bottom: 2px;
      inset-inline: 11px auto;
      width: 2px;
      height: auto;
    }
    :host(:not([compact])) .rail::after {
      transform-origin: 50% 0;
      transform: scaleY(var(--fill, 0));
    }
  }
`
