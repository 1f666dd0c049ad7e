import { css } from "lit"

/** Buttons and form fields. */
export const controls = css`
  button,
  .button {
    font: inherit;
    font-size: 13px;
    line-height: 20px;
    font-weight: 500;
    color: var(--sky-text);
    background: var(--sky-surface);
    border: 1px solid var(--sky-border);
    border-radius: var(--sky-radius-small);
    padding: 5px 12px;
    min-height: 32px;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    cursor: pointer;
    white-space: nowrap;
    text-decoration: none;
    transition:
      background-color var(--sky-motion),
      border-color var(--sky-motion);
  }
  button:hover,
  .button:hover {
    background: var(--sky-hover);
    text-decoration: none;
  }
  button.primary,
  .button.primary {
    background: var(--sky-accent-fill);
    border-color: transparent;
    color: var(--sky-on-accent);
  }
  button.primary:hover,
  .button.primary:hover {
    background: var(--sky-accent-fill-hover);
  }
  button.danger {
    color: var(--sky-bad);
  }
  button.danger:hover {
    background: var(--sky-bad-quiet);
    border-color: var(--sky-bad);
  }
  button.danger.filled {
    background: var(--sky-bad-fill);
    border-color: transparent;
    color: #fff;
  }
  button.quiet,
  .button.quiet {
    background: transparent;
    border-color: transparent;
  }
  button.quiet:hover,
  .button.quiet:hover {
    background: var(--sky-hover);
  }
  button.icon-only,
  .button.icon-only {
    padding: 0;
    width: 32px;
  }
  button.link {
    border: 0;
    padding: 0;
    min-height: 0;
    background: none;
    color: var(--sky-accent);
    font-weight: 400;
    font-size: inherit;
  }
  button.link:hover {
    text-decoration: underline;
    background: none;
  }
  button[aria-disabled="true"],
  button:disabled {
    color: var(--sky-text-muted);
    background: var(--sky-sunken);
    border-color: var(--sky-border);
    cursor: not-allowed;
  }
  input,
  textarea,
  select {
    font: inherit;
    font-size: 14px;
    line-height: 20px;
    color: var(--sky-text);
    background: var(--sky-surface);
    border: 1px solid var(--sky-border-strong);
    border-radius: var(--sky-radius-small);
    padding: 5px 10px;
    min-height: 32px;
    width: 100%;
    min-width: 0;
  }
  input::placeholder,
  textarea::placeholder {
    color: var(--sky-text-muted);
    opacity: 1;
  }
  input.mono,
  textarea.mono {
    font-family: var(--sky-mono);
    font-size: 13px;
  }
  input:focus-visible,
  textarea:focus-visible,
  select:focus-visible {
    outline-offset: 0;
    border-color: var(--sky-accent);
    border-radius: var(--sky-radius-small);
  }
  [aria-invalid="true"] {
    border-color: var(--sky-bad);
  }
  input[type="checkbox"] {
    width: 16px;
    min-height: 16px;
    height: 16px;
    accent-color: var(--sky-accent-fill);
    margin: 0;
  }
  label,
  .label {
    display: block;
    font-size: 13px;
    font-weight: 500;
    margin-bottom: 4px;
  }
  .help {
    font-size: 12px;
    line-height: 16px;
    color: var(--sky-text-muted);
    margin-top: 4px;
  }
  .wrong {
    font-size: 12px;
    line-height: 16px;
    color: var(--sky-bad);
    margin-top: 4px;
  }
  @media (pointer: coarse) {
    button,
    .button,
    input,
    select {
      min-height: 40px;
    }
    button.icon-only,
    .button.icon-only {
      width: 40px;
    }
    input,
    textarea,
    select,
    input.mono,
    textarea.mono {
      font-size: 16px;
    }
    button.link {
      min-height: 24px;
    }
  }
`
