import { css } from "lit"

/** Buttons for orders; one that cannot be given says why when it is pointed at or focused. */
export const actions = css`
  .action {
    position: relative;
  }
  .reason {
    position: absolute;
    z-index: 10;
    inset: calc(100% + 6px) 0 auto auto;
    width: max-content;
    max-width: 240px;
    padding: 6px 10px;
    border-radius: var(--sky-radius-small);
    background: var(--sky-text);
    color: var(--sky-page);
    font-size: 12px;
    line-height: 16px;
    visibility: hidden;
  }
  .action:hover .reason,
  .action:focus-within .reason {
    visibility: visible;
  }
  @media (max-width: 700px) {
    .action button {
      padding: 5px 10px;
    }
    .action button .icon {
      display: none;
    }
    /* Below all of them, where it fits whichever it belongs to. */
    [role="group"] {
      position: relative;
    }
    [role="group"] .action {
      position: static;
    }
    .reason {
      inset: calc(100% + 6px) auto auto 0;
      max-width: min(240px, 100%);
    }
    .action:only-child .reason {
      max-width: 60vw;
    }
  }
`
