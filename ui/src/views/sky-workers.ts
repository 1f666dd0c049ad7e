import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readFleet } from "../data/fleet.ts"
import { readWorkers } from "../data/workers.ts"
import { workerLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-brake.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-upgrade.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { workerRow } from "./workerRow.ts"
import { workersStyle } from "./workersStyle.ts"

/** From so many on, one looks for a worker instead of at all of them. */
const searchFrom = 8
const searchPauseMs = 250

/** The machines that run services and build them. */
@customElement("sky-workers")
export class SkyWorkers extends LitElement {
  /** What was typed, and what of it is asked for once the typing pauses. */
  @state() private typed = ""
  @state() private search = ""
  private pause: ReturnType<typeof setTimeout> | null = null

  private readonly workers = new Resource(this, {
    key: () => [this.search] as const,
    read: ([search], signal) => readWorkers(search, signal),
    onFleet: ({ kind }) => kind === "worker" || kind === "measurements",
    keep: true,
  })

  private readonly fleet = new Resource(this, {
    key: () => ["fleet"] as const,
    read: (_, signal) => readFleet(signal),
    onFleet: ({ kind }) => kind === "fleet" || kind === "worker",
  })

  static override styles = [base, controls, table, workersStyle]

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    if (this.pause !== null) clearTimeout(this.pause)
  }

  override render() {
    const workers = this.workers.value
    const none = workers?.length === 0 && this.search === ""
    return html`<div class="stack">
      <div class="row wrap spread">
        <h1>Workers</h1>
        <div class="row wrap">
          <a class="button quiet" href=${pathOf({ view: "fleet-policy" })}>${icon("policy")} Policy</a>
          <a class="button quiet" href=${pathOf({ view: "fleet-audit" })}>${icon("logs")} Audit</a>
          ${workers === undefined || none ? nothing : addWorker()}
        </div>
      </div>
      <sky-brake .brake=${this.fleet.value?.brake ?? null}></sky-brake>
      <sky-upgrade .fleet=${this.fleet.value ?? null} @ordered=${() => this.fleet.reload()}></sky-upgrade>
      <sky-problem .problem=${this.workers.problem} retryable @retry=${() => this.workers.reload()}></sky-problem>
      ${
        workers
          ? none
            ? empty()
            : this.content(workers)
          : this.workers.problem
            ? nothing
            : html`<sky-skeleton .rows=${4} .height=${84}></sky-skeleton>`
      }
    </div>`
  }

  private content(workers: readonly Worker[]) {
    return html`<div class="row wrap spread summary">
        <p class="row wrap" role="status" aria-label="Summary">${summary(workers)}</p>
        ${workers.length >= searchFrom || this.typed !== "" ? this.searchField() : nothing}
      </div>
      ${workers.length === 0 ? html`<p class="muted">No worker has that in its name, region, labels or state.</p>` : this.list(workers)}`
  }

  private searchField() {
    return html`<input
      type="search"
      class="search"
      aria-label="Search workers"
      placeholder="Name, region, label or state"
      .value=${this.typed}
      @input=${(event: Event) => this.type((event.target as HTMLInputElement).value)}
    />`
  }

  private type(text: string): void {
    this.typed = text
    if (this.pause !== null) clearTimeout(this.pause)
    this.pause = setTimeout(() => {
      this.search = text.trim()
    }, searchPauseMs)
  }

  private list(workers: readonly Worker[]) {
    return html`<div class="card table" role="region" aria-label="Workers" tabindex="0">
      <table>
        <thead>
          <tr>
            <th>Worker</th>
            <th>State</th>
            <th>CPU</th>
            <th>Memory</th>
            <th>Disk</th>
            <th>Runs</th>
            <th>Heard</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            workers,
            ({ id }) => id,
            (worker) => workerRow(worker, this.fleet.value?.outdated.includes(worker.id) ?? false),
          )}
        </tbody>
      </table>
    </div>`
  }
}

const addWorker = () =>
  html`<a class="button primary" href=${pathOf({ view: "new-worker" })}>${icon("plus")} Add worker</a>`

const empty = () => html`<sky-empty heading="No worker yet">
  <p>
    A worker is a machine with our agent: it runs services and builds them. Paste one command into a fresh Debian,
    Ubuntu or NixOS server, and it is here within a minute.
  </p>
  ${addWorker()}
  <a href=${pathOf({ view: "fleet-policy" })}>What happens when one is lost</a>
</sky-empty>`

/** How many there are in each state, those that need somebody first. */
const summary = (workers: readonly Worker[]) => {
  const counts = Map.groupBy(workers, ({ state }) => state)
  const order = { bad: 0, warn: 1, busy: 2, idle: 3, good: 4 }
  return [...counts]
    .sort(([a], [b]) => order[workerLook[a].tone] - order[workerLook[b].tone])
    .map(
      ([state, those]) =>
        html`<sky-state bare .look=${{ ...workerLook[state], word: `${those.length} ${workerLook[state].word}` }}></sky-state>`,
    )
}
