import { html, nothing, type TemplateResult } from "lit"
import type { LogQuery } from "../domain/LogSelection.ts"
import { icon } from "./icons.ts"

export interface LogTools {
  readonly text: string
  /** Which match one is at, in words. */
  readonly position: string
  readonly matching: boolean
  readonly onlyMatches: boolean
  readonly live: boolean
  readonly lines: number
  /** Older lines have given way. */
  readonly dropped: boolean
  readonly wrap: boolean
  readonly onText: (text: string) => void
  readonly onOnlyMatches: (only: boolean) => void
  readonly onStream: (stream: LogQuery["stream"]) => void
  readonly onStep: (by: 1 | -1) => void
  readonly onWrap: () => void
  readonly onDownload: () => void
}

const onKey = (event: KeyboardEvent, tools: LogTools): void => {
  if (event.key !== "Enter") return
  event.preventDefault()
  tools.onStep(event.shiftKey ? -1 : 1)
}

/** What stands above a log: search, filter, and what can be done with all of it. */
export const logTools = (tools: LogTools): TemplateResult =>
  html`<div class="bar" role="group" aria-label="Log tools">
      <span class="find"
        >${icon("search")}<input
          type="search"
          aria-label="Search the log"
          placeholder="Search"
          .value=${tools.text}
          @input=${(event: Event) => tools.onText((event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => onKey(event, tools)}
      /></span>
      ${
        tools.text === ""
          ? nothing
          : html`<span class="small muted number count" role="status">${tools.position}</span>
              <button class="quiet icon-only" aria-label="Previous match" ?disabled=${!tools.matching} @click=${() => tools.onStep(-1)}>
                ${icon("up")}
              </button>
              <button class="quiet icon-only" aria-label="Next match" ?disabled=${!tools.matching} @click=${() => tools.onStep(1)}>
                ${icon("chevron")}
              </button>
              <label class="only"
                ><input
                  type="checkbox"
                  .checked=${tools.onlyMatches}
                  @change=${(event: Event) => tools.onOnlyMatches((event.target as HTMLInputElement).checked)}
                />only matches</label
              >`
      }
      <select aria-label="Stream" @change=${(event: Event) => tools.onStream((event.target as HTMLSelectElement).value as LogQuery["stream"])}>
        <option value="all">All streams</option>
        <option value="stdout">stdout</option>
        <option value="stderr">stderr</option>
        <option value="note">SkyPanel</option>
      </select>
      ${tools.live ? nothing : html`<span class="down row" role="status">${icon("offline")} not live</span>`}
      <span class="end small muted number"
        >${tools.dropped ? "the newest " : ""}${tools.lines.toLocaleString("en")} lines</span
      >
      <button
        class="quiet icon-only"
        aria-label="Wrap lines"
        title="Wrap lines"
        aria-pressed=${tools.wrap ? "true" : "false"}
        @click=${tools.onWrap}
      >
        ${icon("wrap")}
      </button>
      <button class="quiet icon-only" aria-label="Download the log" title="Download" @click=${tools.onDownload}>
        ${icon("download")}
      </button>
    </div>`
