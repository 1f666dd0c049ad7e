import { css } from "lit"

/** The parts of a service's connection to its repository. */
export const repositoryStyle = css`
  section {
    padding: 16px;
  }
  h3 {
    font-weight: 600;
  }
  dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 4px 16px;
    font-size: 13px;
  }
  dt {
    color: var(--sky-text-muted);
  }
  dd {
    overflow-wrap: anywhere;
  }
  details {
    font-size: 13px;
  }
  summary {
    cursor: pointer;
  }
  details ol {
    list-style: decimal;
    padding-inline-start: 20px;
    display: grid;
    gap: 4px;
    margin-top: 8px;
  }
  .two {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 16px;
  }
  @media (max-width: 700px) {
    .two,
    dl {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`
