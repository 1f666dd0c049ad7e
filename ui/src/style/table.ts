import { css } from "lit"

/** Dense tables; where there is little room each row is a card, with its column's name before the value. */
export const table = css`
  .table {
    container-type: inline-size;
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 13px;
    line-height: 20px;
  }
  th {
    text-align: start;
    font-weight: 500;
    font-size: 12px;
    color: var(--sky-text-muted);
    padding: 8px 12px;
    white-space: nowrap;
    border-bottom: 1px solid var(--sky-border);
  }
  td {
    padding: 8px 12px;
    border-bottom: 1px solid var(--sky-border);
    vertical-align: middle;
    overflow-wrap: anywhere;
  }
  tr:last-child td {
    border-bottom: 0;
  }
  th.end,
  td.end {
    text-align: end;
  }
  tbody tr {
    transition: background-color var(--sky-motion);
  }
  tbody tr:hover {
    background: var(--sky-hover);
  }
  td.nowrap {
    white-space: nowrap;
  }
  @container (max-width: 800px) {
    table,
    tbody,
    tr,
    td {
      display: block;
    }
    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    td > * {
      min-width: 0;
    }
    tr {
      padding: 8px 0;
      border-bottom: 1px solid var(--sky-border);
    }
    tr:last-child {
      border-bottom: 0;
    }
    td,
    td.end {
      border: 0;
      padding: 4px 16px;
      display: flex;
      gap: 12px;
      justify-content: space-between;
      align-items: baseline;
      text-align: end;
    }
    td[data-label]::before {
      content: attr(data-label);
      color: var(--sky-text-muted);
      font-size: 12px;
      flex: none;
    }
    td.lead {
      justify-content: flex-start;
      text-align: start;
      font-size: 15px;
    }
  }
`
