import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readBuilds } from "../data/builds.ts"
import { pathOf } from "../domain/paths.ts"
import { triggerTitle } from "../domain/triggers.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"

/** The build queue: of one organization, or for administrators of all. */
@customElement("sky-builds")
export class SkyBuilds extends LitElement {
  /** Null: all. */
  @property() organization: string | null = null

  private readonly builds = new Resource(this, {
    key: () => [this.organization] as const,
    read: ([organization], signal) => readBuilds(organization, signal),
    on: (change, [organization]) => organization !== null && change.kind !== "resync",
    onFleet: (change, [organization]) => organization === null && change.kind === "builds",
  })

  static override styles = [base, table]

  override render() {
    const builds = this.builds.value
    return html`<div class="stack">
      <div>
        <h1>Builds</h1>
        <p class="muted">
          ${
            this.organization === null
              ? "What runs and what waits, over all organizations. They take turns."
              : "What runs and what waits. Organizations take turns, so a place in the queue may change."
          }
        </p>
      </div>
      <sky-problem .problem=${this.builds.problem} retryable @retry=${() => this.builds.reload()}></sky-problem>
      ${
        builds
          ? this.list(builds)
          : this.builds.problem
            ? nothing
            : html`<sky-skeleton .rows=${4} .height=${44}></sky-skeleton>`
      }
    </div>`
  }

  private list(builds: readonly QueuedBuild[]) {
    if (builds.length === 0)
      return html`<sky-empty heading="Nothing is being built"><p>Builds show here while they run and while they wait for a builder.</p></sky-empty>`
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>Deployment</th>
            <th>State</th>
            <th>Why it waits</th>
            <th>Builder</th>
            <th>Since</th>
          </tr>
        </thead>
        <tbody>
          ${builds.map((build) => this.row(build))}
        </tbody>
      </table>
    </div>`
  }

  private row(build: QueuedBuild) {
    const { organization, service, deployment, template } = build
    const name =
      template === null
        ? html`${service} #${deployment}`
        : template.part === undefined
          ? html`template ${template.name}, version ${template.version}`
          : html`${template.part} of the stack ${template.name}, version ${template.version}`
    const href = pathOf(
      service === null || deployment === null
        ? { view: "templates", organization }
        : { view: "deployment", organization, service, number: deployment },
    )
    return html`<tr>
      <td class="lead">
        <span
          >${this.organization === null ? html`<span class="muted">${organization}</span> ${name}` : html`<a href=${href}>${name}</a>`}
          <span class="small muted"
            >${build.trigger === null ? "Trial" : triggerTitle[build.trigger]}${build.createdBy === null ? nothing : ` by ${build.createdBy}`}</span
          ></span
        >
      </td>
      <td data-label="State"><sky-state bare .look=${lookOf(build)}></sky-state></td>
      <td data-label="Why it waits">${build.reason ?? "–"}</td>
      <td data-label="Builder">${build.builder ?? "–"}</td>
      <td data-label="Since" class="nowrap"><sky-time .at=${build.startedAt ?? build.queuedAt}></sky-time></td>
    </tr>`
  }
}

const lookOf = ({ canceled, builder, phase }: QueuedBuild) => {
  if (canceled) return { word: "ending", shape: "dash", tone: "idle" } as const
  if (builder === null) return { word: "waiting", shape: "ring", tone: "idle" } as const
  return { word: phase, shape: "spinner", tone: "busy" } as const
}
