import { css } from "lit"

export const notificationList = css`
  li {
    display: flex;
    gap: 10px;
    align-items: flex-start;
    padding: 10px 8px 10px 16px;
    border-bottom: 1px solid var(--sky-border);
  }
  li:last-child {
    border-bottom: 0;
  }
  li.unread {
    background: var(--sky-accent-quiet);
  }
  sky-state {
    margin-top: 4px;
  }
  .text {
    flex: 1;
    min-width: 0;
    display: grid;
    gap: 2px;
    overflow-wrap: anywhere;
  }
  .title {
    font-size: 13px;
    line-height: 20px;
  }
  .unread .title {
    font-weight: 600;
  }
`
