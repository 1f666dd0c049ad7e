import { css } from "lit"

/** On a phone the rail becomes a bar at the bottom. */
export const frameNarrowStyle = css`
  @media (max-width: 760px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
    }
    nav.rail {
      display: none;
    }
    header {
      padding: 0 12px;
    }
    header .mark {
      display: flex;
    }
    .search {
      min-width: 0;
    }
    .search span,
    .search kbd {
      position: absolute;
      clip-path: inset(50%);
    }
    .crumbs li:not(:last-child) {
      display: none;
    }
    .crumbs li + li::before {
      content: none;
    }
    main {
      padding: 16px 12px 96px;
    }
    nav.bottom {
      display: flex;
      position: fixed;
      inset: auto 0 0 0;
      z-index: 20;
      background: var(--sky-surface);
      border-top: 1px solid var(--sky-border);
      padding: 4px 8px max(4px, env(safe-area-inset-bottom));
    }
    nav.bottom a {
      flex: 1;
      min-width: 0;
      display: grid;
      justify-items: center;
      gap: 2px;
      padding: 6px 4px;
      min-height: 48px;
      font-size: 11px;
      line-height: 16px;
      font-weight: 500;
      color: var(--sky-text-muted);
      border-radius: 8px;
    }
    nav.bottom a[aria-current] {
      color: var(--sky-accent);
    }
    nav.bottom svg.icon {
      width: 20px;
      height: 20px;
    }
  }
`
