import { type SVGTemplateResult, svg } from "lit"

/** Our own icons, 16 × 16, drawn with the text's colour. */
const paths = {
  services: "M2.5 4.5 8 1.8l5.5 2.7L8 7.2zM2.5 8 8 10.7 13.5 8M2.5 11.5 8 14.2l5.5-2.7",
  stacks: "M5 2.5h6v4H5zM2 9.5h5v4H2zM9 9.5h5v4H9zM8 6.5v1.5M4.5 9.5V8h7v1.5",
  templates: "M2.5 2.5h5v5h-5zM10 2.5h3.5V6H10zM10 8.5h3.5v5H10zM2.5 10h5v3.5h-5z",
  workers: "M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01M7 5h4M7 11h4",
  artifacts: "M2.5 4.8 8 2l5.5 2.8v6.4L8 14l-5.5-2.8zM2.5 4.8 8 7.6l5.5-2.8M8 7.6V14M5.2 3.4l5.6 2.9",
  about: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3V11M8 5h.01",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
  plus: "M8 3v10M3 8h10",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  check: "M3 8.5 6.5 12 13 4.5",
  open: "M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11 9.5v4H2.5V5h4",
  chevron: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  up: "M4 10l4-4 4 4",
  down: "M8 3v9M4 8.5 8 12.5l4-4",
  close: "M4 4l8 8M12 4l-8 8",
  stop: "M4 4h8v8H4z",
  start: "M5 3.2v9.6L12.5 8z",
  restart: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3.2h-3.2",
  redeploy: "M8 10.5V2.5M4.8 5.5 8 2.3l3.2 3.2M2.5 9.5v4h11v-4",
  back: "M6 4 2.5 7.5 6 11M3 7.5h6.5a4 4 0 0 1 0 8H7",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9",
  user: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 14a5.2 5.2 0 0 1 10.4 0",
  image: "M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6.2",
  git: "M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 6.5c0 2.5-2.5 3-4.5 3.2-1.4.2-2.5.4-2.5 1",
  folder: "M2 4h4.5L8 5.5h6v8H2zM2 7h12",
  nix: "M5.2 2.5 10.8 13.5M10.8 2.5 5.2 13.5M2 8h12M3.6 5.2 6 8l-2.4 2.8M12.4 5.2 10 8l2.4 2.8",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 11.5v2h11v-2",
  wrap: "M2.5 4h11M2.5 8h8.7a2.2 2.2 0 0 1 0 4.4H8M9.6 10.6 7.8 12.4l1.8 1.8M2.5 12h3",
  link: "M6.5 9.5 9.5 6.5M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3L4.7 7.2",
  warning: "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.6h.01",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  signOut: "M6 2.5H2.5v11H6M10 5l3.5 3L10 11M13.5 8H6",
  logs: "M2.5 3.5h11M2.5 6.5h7M2.5 9.5h9M2.5 12.5h5",
  offline: "M2 6a9 9 0 0 1 4-2M14 6a9 9 0 0 0-4-2M4.5 9a5.5 5.5 0 0 1 7 0M8 12.5h.01M2.5 2.5l11 11",
  bell: "M3.5 11.5h9c-1-1.2-1.2-2.2-1.2-4.2a3.3 3.3 0 0 0-6.6 0c0 2-.2 3-1.2 4.2zM6.7 13.8a1.5 1.5 0 0 0 2.6 0",
  drain: "M2.5 3h11M4 6h8M5.5 9h5M8 11v3M6 12.3 8 14.3l2-2",
  move: "M2.5 5.5h8M8 3l2.5 2.5L8 8M13.5 10.5h-8M8 8l-2.5 2.5L8 13",
  key: "M6 10.5a3.5 3.5 0 1 1 2.8-1.4M8.8 9.1 13.5 13.5M11.2 11.3l1.4-1.4",
  policy: "M8 1.8 13 3.8v4c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4v-4zM5.7 8l1.6 1.6 3-3.2",
  mail: "M2 3.5h12v9H2zM2.3 4 8 8.7 13.7 4",
  command:
    "M5.5 5.5h5v5h-5zM5.5 5.5H4A1.5 1.5 0 1 1 5.5 4zM10.5 5.5V4A1.5 1.5 0 1 1 12 5.5zM10.5 10.5H12a1.5 1.5 0 1 1-1.5 1.5zM5.5 10.5V12A1.5 1.5 0 1 1 4 10.5z",
} as const

export type IconName = keyof typeof paths

/** Always beside a word or inside something with a label: for readers of the screen it is not there. */
export const icon = (name: IconName): SVGTemplateResult => svg`<svg
  class="icon"
  viewBox="0 0 16 16"
  fill="none"
  stroke="currentColor"
  stroke-width="1.4"
  stroke-linecap="round"
  stroke-linejoin="round"
  aria-hidden="true"
><path d=${paths[name]} /></svg>`

export const mark: SVGTemplateResult = svg`<svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true"><rect width="32" height="32" rx="8" fill="var(--sky-accent-fill)"/><path d="M8 19a8 8 0 0 1 16 0z" fill="#fff"/><path d="M6 23.5h20" stroke="#fff" stroke-width="2.5" stroke-linecap="round" opacity=".65"/></svg>`
