import { css } from "lit"

export const newServiceStyle = css`
  .page {
    display: grid;
    gap: 20px;
    grid-template-columns: minmax(0, 1fr);
  }
  .doors {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    gap: 8px;
    border: 0;
    margin: 0;
    padding: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
  }
  .door {
    position: relative;
    display: flex;
    gap: 12px;
    align-items: center;
    padding: 12px 16px;
    margin: 0;
    cursor: pointer;
    font-weight: 400;
  }
  .door strong {
    display: block;
    font-weight: 600;
  }
  .door:hover {
    border-color: var(--sky-border-strong);
  }
  .door:has(:checked) {
    border-color: var(--sky-accent);
    box-shadow: 0 0 0 1px var(--sky-accent);
  }
  .door:has(:checked) .icon {
    color: var(--sky-accent);
  }
  .door:has(:focus-visible) {
    outline: 2px solid var(--sky-accent);
    outline-offset: 2px;
  }
  .door input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    opacity: 0;
    margin: 0;
    cursor: pointer;
  }
  .door .icon {
    width: 20px;
    height: 20px;
    color: var(--sky-text-muted);
  }
  .large .door {
    flex-direction: column;
    align-items: flex-start;
    padding: 24px;
    min-height: 150px;
  }
  .large .door .icon {
    width: 28px;
    height: 28px;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 320px;
    gap: 20px;
    align-items: start;
  }
  .part {
    padding: 16px;
  }
  aside {
    position: sticky;
    top: 72px;
  }
  .deploy {
    width: 100%;
    min-height: 36px;
  }
  @media (max-width: 980px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
    aside {
      position: static;
    }
  }
  @media (max-width: 980px) {
    .doors {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
  @media (max-width: 700px) {
    .doors {
      grid-template-columns: minmax(0, 1fr);
    }
    .large .door {
      flex-direction: row;
      align-items: center;
      min-height: 0;
      padding: 16px;
    }
  }
`
