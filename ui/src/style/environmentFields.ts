import { css } from "lit"

export const environmentFieldsStyle = css`
  li {
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(0, 3fr) auto auto;
    gap: 8px;
    margin-bottom: 8px;
  }
  .wrong,
  .note {
    grid-column: 1 / -1;
    margin-top: -4px;
  }
  .secret,
  .all {
    display: flex;
    align-items: center;
    gap: 6px;
    margin: 0;
    font-weight: 400;
  }
  input[type="checkbox"] {
    width: auto;
    min-height: 0;
    margin: 0;
  }
  .all {
    margin-bottom: 8px;
  }
  textarea {
    min-height: 120px;
    display: block;
    margin-bottom: 8px;
  }
`
