import { css } from "lit"

export const installationFields = css`
  section,
  details {
    padding: 16px;
  }
  section {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
  }
  summary {
    cursor: pointer;
    font-size: 14px;
    font-weight: 600;
  }
  details[open] summary {
    margin-bottom: 12px;
  }
  .two {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 16px;
  }
  @media (max-width: 700px) {
    .two {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`
