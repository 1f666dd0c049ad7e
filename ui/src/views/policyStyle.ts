import { css } from "lit"

export const policyStyle = css`
  section {
    padding: 16px;
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
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
