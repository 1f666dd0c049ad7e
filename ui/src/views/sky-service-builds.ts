import type { BuildHistory, BuildRecord, BuildState } from "@skypanel/contract/BuildRecord"
import type { UsedHash } from "@skypanel/contract/LearnedHash"
import { formatSize } from "@skypanel/contract/Resources"
import type { Service } from "@skypanel/contract/Service"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { buildLogPath, readBuildHistory } from "../data/deployments.ts"
import { phaseWords, workedMs } from "../domain/buildTimes.ts"
import { buildLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { formatDuration } from "../domain/time.ts"
import { triggerTitle } from "../domain/triggers.ts"
import { segments } from "../elements/segments.ts"
import "../elements/sky-build-times.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-source.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { segments as segmentsStyle } from "../style/segments.ts"
import { table } from "../style/table.ts"

type Filter = "all" | BuildState

const filters: readonly { readonly value: Filter; readonly title: string }[] = [
  { value: "all", title: "All" },
  { value: "succeeded", title: "Succeeded" },
  { value: "failed", title: "Failed" },
  { value: "canceled", title: "Canceled" },
]

/** Every build of a service, a page at a time. */
@customElement("sky-service-builds")
export class SkyServiceBuilds extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private filter: Filter = "all"
  /** Where each page before this one began. */
  @state() private pages: readonly (number | null)[] = [null]

  private readonly history = new Resource(this, {
    key: () => [this.organization, this.service.name, this.filter, this.pages.at(-1) ?? null] as const,
    read: ([organization, service, filter, before], signal) =>
      readBuildHistory(organization, service, filter === "all" ? null : filter, before, signal),
    on: (change, [, name]) => change.kind === "deployment" && (change.service ?? name) === name,
    keep: true,
  })

  static override styles = [
    base,
    controls,
    segmentsStyle,
    table,
    css`
      .why {
        color: var(--sky-bad);
      }
      .number a {
        font-weight: 600;
      }
      td > span {
        display: block;
      }
    `,
  ]

  override render() {
    const history = this.history.value
    return html`<div class="stack">
      <div class="row spread wrap">
        ${segments("Builds", filters, this.filter, (filter) => {
          this.filter = filter
          this.pages = [null]
        })}
        <sky-build-times .builds=${history?.builds ?? []}></sky-build-times>
      </div>
      <sky-problem .problem=${this.history.problem} retryable @retry=${() => this.history.reload()}></sky-problem>
      ${
        history
          ? this.list(history)
          : this.history.problem
            ? nothing
            : html`<sky-skeleton .rows=${5} .height=${44}></sky-skeleton>`
      }
    </div>`
  }

  private list({ builds, next }: BuildHistory) {
    return html`${builds.length === 0 ? this.empty(next) : this.table(builds)}
      <div class="row">
        ${this.pages.length > 1 ? html`<button @click=${this.newer}>Newer builds</button>` : nothing}
        ${next === null ? nothing : html`<button @click=${() => this.older(next)}>Older builds</button>`}
      </div>`
  }

  private empty(next: number | null) {
    const none = next === null ? "No such build" : "No such build among the newer ones"
    return html`<sky-empty heading=${this.filter === "all" ? "Never built" : none}
      ><p>What is built of this service's source shows here, with who started it and what it brought.</p></sky-empty
    >`
  }

  private table(builds: BuildHistory["builds"]) {
    return html`<div class="card table">
        <table>
          <thead>
            <tr>
              <th>Build</th>
              <th>State</th>
              <th>Commit</th>
              <th>Started by</th>
              <th class="end">Took</th>
              <th class="end">Added</th>
              <th class="end">Kept by it</th>
              <th>When</th>
              <th>Log</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              builds,
              ({ deployment }) => deployment,
              (build) => this.row(build),
            )}
          </tbody>
        </table>
      </div>`
  }

  private older(before: number): void {
    this.pages = [...this.pages, before]
  }

  private newer(): void {
    this.pages = this.pages.slice(0, -1)
  }

  private row(build: BuildRecord) {
    const { deployment, failure } = build
    const place = { organization: this.organization, service: this.service.name }
    const href = pathOf({ view: "deployment", ...place, number: deployment })
    return html`<tr>
      <td class="lead number"><a href=${href} aria-label="Build ${deployment}">#${deployment}</a></td>
      <td data-label="State">
        <span>
          <sky-state bare .look=${buildLook[build.state]}></sky-state>
          ${failure === null ? nothing : html`<span class="small why">${failure.title}</span>`}
          ${build.learned.map((each) => learnedLine(each))}
          ${build.unchanged ? html`<span class="small muted">nothing changed</span>` : nothing}
        </span>
      </td>
      <td data-label="Commit">
        <span
          >${build.subject ?? nothing}
          ${build.author === null ? nothing : html`<span class="small muted">${build.author}</span>`}
          <sky-source .source=${build.source} .revision=${build.revision}></sky-source
        ></span>
      </td>
      <td data-label="Started by">
        <span>${triggerTitle[build.trigger]} <span class="small muted">${build.startedBy ?? nothing}</span></span>
      </td>
      <td data-label="Took" class="end number nowrap" title=${phaseWords(build)}>
        ${build.startedAt === null ? "–" : formatDuration(workedMs(build))}
      </td>
      <td data-label="Added" class="end number nowrap">${sizeOf(build.addedBytes)}</td>
      <td data-label="Kept by it" class="end number nowrap">${sizeOf(build.keptBytes)}</td>
      <td data-label="When" class="nowrap"><sky-time .at=${build.queuedAt}></sky-time></td>
      <td data-label="Log">${this.log(build)}</td>
    </tr>`
  }

  private log({ deployment, logLines, logRemovedAt }: BuildRecord) {
    if (logRemovedAt !== null) return html`<span class="muted">removed</span>`
    if (logLines === 0) return "–"
    const { name } = this.service
    return html`<a
      href=${buildLogPath(this.organization, name, deployment)}
      download="${name}-${deployment}-build.log"
      aria-label="${logLines} lines, the log of build ${deployment}"
      >${logLines} lines</a
    >`
  }
}

const learnedLine = ({ hash, learned, lock, subject }: UsedHash) =>
  learned
    ? html`<span class="small muted" title="Lock file ${shortDigest(lock)}: ${hash}">learned the hash of ${subject}</span>`
    : nothing

const sizeOf = (bytes: number | null): string => (bytes === null ? "–" : formatSize(bytes))
