import { css } from "lit"

export const sourceFields = css`
  .templates {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(220px, 1fr));
    gap: 8px;
    border: 0;
    padding: 0;
    margin: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
    margin-bottom: 4px;
  }
  .template {
    display: flex;
    gap: 12px;
    align-items: flex-start;
    padding: 12px;
    margin: 0;
    cursor: pointer;
    font-weight: 400;
    position: relative;
  }
  .template:hover {
    border-color: var(--sky-border-strong);
  }
  .template:has(:checked) {
    border-color: var(--sky-accent);
    box-shadow: 0 0 0 1px var(--sky-accent);
  }
  .template:has(:focus-visible) {
    outline: 2px solid var(--sky-accent);
    outline-offset: 2px;
  }
  .template input {
    position: absolute;
    opacity: 0;
    width: 100%;
    height: 100%;
    inset: 0;
    margin: 0;
    cursor: pointer;
  }
  img {
    width: 32px;
    height: 32px;
    flex: none;
  }
  .template strong {
    display: block;
    font-weight: 600;
  }
  .parts {
    margin-block: 12px;
  }
  .two {
    display: grid;
    grid-template-columns: minmax(0, 3fr) minmax(120px, 1fr);
    gap: 16px;
  }
  @media (max-width: 700px) {
    .two {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`
