import { css } from "lit"

export const policyStyle = css`
  section {
    padding: 16px;
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
  }
  .numbers {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(170px, 1fr));
    gap: 16px;
  }
  .with-unit {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 13px;
    color: var(--sky-text-muted);
  }
  .with-unit input {
    width: 88px;
  }
  .foot {
    position: sticky;
    bottom: 0;
    padding: 12px 16px;
    z-index: 5;
    box-shadow: var(--sky-shadow-float);
    font-size: 13px;
  }
  .foot .words {
    flex: 1 1 160px;
  }
  @media (max-width: 760px) {
    .foot {
      bottom: 64px;
    }
  }
`
