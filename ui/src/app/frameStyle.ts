import { css } from "lit"

export const frameStyle = css`
  :host {
    display: grid;
    grid-template-columns: var(--sky-rail) minmax(0, 1fr);
    min-height: 100vh;
    min-height: 100dvh;
  }
  nav.aside {
    position: fixed;
    z-index: 60;
  }
  .skip {
    position: fixed;
    inset: -100px auto auto 8px;
    z-index: 60;
    background: var(--sky-raised);
  }
  .skip:focus {
    top: 8px;
  }
  nav.rail {
    position: sticky;
    top: 0;
    height: 100vh;
    height: 100dvh;
    display: flex;
    flex-direction: column;
    gap: 16px;
    padding: 12px;
    border-inline-end: 1px solid var(--sky-border);
    background: var(--sky-surface);
  }
  .home {
    display: flex;
    align-items: center;
    gap: 8px;
    font-weight: 650;
    font-size: 15px;
    letter-spacing: -0.01em;
    color: var(--sky-text);
    padding: 4px;
  }
  .home:hover {
    text-decoration: none;
  }
  .organization {
    padding: 0 8px;
    font-size: 13px;
    font-weight: 550;
  }
  .rail ul {
    display: grid;
    gap: 2px;
  }
  .rail li a {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 6px 8px;
    border-radius: var(--sky-radius-small);
    color: var(--sky-text-muted);
    font-size: 13px;
    line-height: 20px;
    font-weight: 500;
    transition: background-color var(--sky-motion);
  }
  .rail li a:hover {
    background: var(--sky-hover);
    color: var(--sky-text);
    text-decoration: none;
  }
  .rail li a[aria-current] {
    background: var(--sky-accent-quiet);
    color: var(--sky-accent);
  }
  .group {
    font-size: 11px;
    line-height: 16px;
    font-weight: 600;
    color: var(--sky-text-muted);
    padding: 0 8px 4px;
  }
  .rail .end {
    margin-top: auto;
  }
  wa-dropdown {
    display: block;
  }
  .switch {
    width: 100%;
    justify-content: flex-start;
    padding: 5px 8px;
  }
  .switch .clip {
    flex: 1;
    text-align: start;
  }
  .switch .icon {
    color: var(--sky-text-muted);
  }
  .column {
    min-width: 0;
    display: grid;
    grid-template-rows: auto 1fr;
    grid-template-columns: minmax(0, 1fr);
  }
  header {
    position: sticky;
    top: 0;
    z-index: 20;
    display: flex;
    align-items: center;
    gap: 8px;
    height: 52px;
    padding: 0 24px;
    background: color-mix(in srgb, var(--sky-page) 92%, transparent);
    backdrop-filter: blur(8px);
    border-bottom: 1px solid var(--sky-border);
  }
  header .mark {
    display: none;
  }
  .crumbs {
    flex: 1;
    min-width: 0;
  }
  .crumbs ol {
    display: flex;
    gap: 6px;
    font-size: 13px;
    color: var(--sky-text-muted);
    min-width: 0;
  }
  .crumbs li {
    display: flex;
    gap: 6px;
    align-items: center;
    min-width: 0;
  }
  .crumbs li + li::before {
    content: "/";
    color: var(--sky-text-muted);
  }
  .crumbs a {
    color: inherit;
  }
  .crumbs [aria-current] {
    color: var(--sky-text);
    font-weight: 550;
  }
  .search {
    color: var(--sky-text-muted);
    font-weight: 400;
    min-width: 200px;
    justify-content: flex-start;
  }
  .search span {
    flex: 1;
    text-align: start;
  }
  kbd {
    font: 11px / 16px var(--sky-mono);
    border: 1px solid var(--sky-border);
    border-radius: 4px;
    padding: 0 4px;
    background: var(--sky-page);
  }
  .offline {
    color: var(--sky-warn);
    font-size: 12px;
    font-weight: 550;
    white-space: nowrap;
    gap: 4px;
  }
  main {
    padding: 24px 24px 64px;
    width: 100%;
    max-width: 1200px;
    margin: 0 auto;
  }
  nav.bottom {
    display: none;
  }
  .who {
    padding: 8px 12px;
    max-width: 260px;
    font-size: 13px;
    line-height: 18px;
    border-bottom: 1px solid var(--sky-border);
    margin-bottom: 4px;
  }
  wa-dropdown-item {
    font-size: 13px;
  }
`
