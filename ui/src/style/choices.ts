import { css } from "lit"

/** Boxes to tick and one of several to choose, each with a word of explanation. */
export const choices = css`
  .choices {
    display: grid;
    gap: 8px;
    border: 0;
    margin: 0;
    padding: 0;
    min-width: 0;
  }
  legend {
    padding: 0;
  }
  label.choice {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    margin: 0;
    font-weight: 400;
    cursor: pointer;
  }
  .choice input {
    width: 16px;
    height: 16px;
    min-height: 16px;
    margin: 2px 0 0;
    flex: none;
    accent-color: var(--sky-accent-fill);
  }
  .choice strong {
    font-weight: 550;
  }
  .choice .help {
    display: block;
    margin-top: 0;
  }
  .choice span {
    min-width: 0;
  }
`
