import type { ArtifactDamage, ArtifactRun, ArtifactStatus, ArtifactUse } from "@skypanel/contract/Artifacts"
import { formatSize } from "@skypanel/contract/Resources"
import { html, LitElement, nothing } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { collectArtifacts, readArtifacts, repairArtifacts, verifyArtifacts } from "../data/artifacts.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { growthSeries, hitRate, nameOfRelease, workOf } from "../domain/artifacts.ts"
import { runLook } from "../domain/looks.ts"
import { fire } from "../elements/events.ts"
import "../elements/sky-artifact-keep.ts"
import "../elements/sky-artifact-pins.ts"
import "../elements/sky-artifact-plan.ts"
import "../elements/sky-cache-keys.ts"
import "../elements/sky-chart.ts"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { artifactsStyle } from "./artifactsStyle.ts"

/** The artifact store, for who looks after its disk. */
@customElement("sky-artifacts")
export class SkyArtifacts extends LitElement {
  @state() private problem: Problem | null = null
  @query("#collect") private readonly confirmCollect!: SkyConfirm
  @query("#repair") private readonly confirmRepair!: SkyConfirm

  private readonly store = new Resource(this, {
    key: () => ["artifacts"] as const,
    read: (_, signal) => readArtifacts(signal),
    onFleet: ({ kind }) => kind === "artifacts",
  })

  static override styles = [base, controls, table, artifactsStyle]

  override render() {
    const status = this.store.value
    return html`<div class="stack">
      <div class="row wrap spread">
        <div>
          <h1>Artifacts</h1>
          <p class="muted">Everything that was built, each path once: images and the binary cache are served from it.</p>
        </div>
        ${status ? this.orders(status) : nothing}
      </div>
      <sky-problem .problem=${this.problem ?? this.store.problem} retryable @retry=${() => this.store.reload()}></sky-problem>
      ${
        status
          ? this.content(status)
          : this.store.problem
            ? nothing
            : html`<sky-skeleton .rows=${4} .height=${120}></sky-skeleton>`
      }
    </div>`
  }

  private orders({ runs }: ArtifactStatus) {
    const goesOn = (kind: ArtifactRun["kind"]) =>
      runs.some((run) => run.kind === kind && run.state === "running")
    const verifies = goesOn("verification")
    const collects = goesOn("collection")
    return html`<div class="row wrap">
      <button aria-disabled=${verifies ? "true" : "false"} title=${verifies ? "A verification goes on." : nothing} @click=${() => verifies || this.order(verifyArtifacts)}>
        Verify
      </button>
      <button class="primary" aria-disabled=${collects ? "true" : "false"} title=${collects ? "A collection goes on." : nothing} @click=${() => collects || this.confirmCollect.show()}>
        Collect
      </button>
    </div>`
  }

  private content(status: ArtifactStatus) {
    const reload = () => this.store.reload()
    return html`${damage(status.damage, () => this.confirmRepair.show())}
      <section class="card" aria-label="Size">${facts(status)}
        ${status.growth.length > 0 ? html`<sky-chart .series=${growthSeries(status)}></sky-chart>` : nothing}
      </section>
      <section class="card" aria-labelledby="plan">
        <h2 id="plan">What a collection would do now</h2>
        <sky-artifact-plan .since=${sinceOf(status)}></sky-artifact-plan>
      </section>
      <section class="card" aria-labelledby="organizations">
        <h2 id="organizations">Whose it is</h2>
        ${status.organizations.length === 0 ? html`<p class="muted">No image yet: the first deployment makes one.</p>` : uses(status.organizations)}
      </section>
      <section class="card" aria-labelledby="keep">
        <h2 id="keep">What is kept</h2>
        <sky-artifact-keep .policy=${status.policy} @ordered=${reload}></sky-artifact-keep>
      </section>
      <section class="card" aria-labelledby="pins">
        <h2 id="pins">Pins</h2>
        <sky-artifact-pins .pins=${status.pins} @ordered=${reload}></sky-artifact-pins>
      </section>
      <section class="card" aria-labelledby="keys">
        <h2 id="keys">Signing keys</h2>
        <sky-cache-keys></sky-cache-keys>
      </section>
      <section class="card" aria-labelledby="runs">
        <h2 id="runs">Last collections and verifications</h2>
        ${status.runs.length === 0 ? html`<p class="muted">None yet: the first comes by itself.</p>` : runs(status.runs)}
      </section>
      <sky-confirm id="collect" heading="Collect now?" verb="Collect" .run=${() => this.order(collectArtifacts)}>
        <p>What nothing leads to is answered no more, and deleted after ${status.policy.graceHours} hours. What runs, and what can be rolled back to, stays.</p>
      </sky-confirm>
      <sky-confirm id="repair" heading="Remove what is damaged?" verb="Remove" dangerous .run=${() => this.repair()}>
        <p>The next build that needs one of these files uploads it again. Until then images that need it cannot be pulled whole.</p>
      </sky-confirm>`
  }

  private async order(run: () => Promise<ArtifactRun>): Promise<void> {
    this.problem = null
    try {
      const { kind } = await run()
      fire(this, "sky-notice", { tone: "good", text: `The ${kind} has begun.` })
      this.store.reload()
    } catch (error) {
      this.problem = asProblem(error)
    }
  }

  private async repair(): Promise<void> {
    const { removed } = await repairArtifacts()
    fire(this, "sky-notice", { tone: "good", text: `${removed} files are to be uploaded again.` })
    this.store.reload()
  }
}

/** What has a collection do other things than before. */
const sinceOf = ({ runs, policy, pins }: ArtifactStatus): string =>
  JSON.stringify([runs.find(({ state }) => state !== "running")?.id, policy, pins.map(({ id }) => id)])

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const facts = (status: ArtifactStatus) => {
  const { totalBytes } = status.policy
  const rate = (kind: "narinfo" | "nar" | "blob", what: string) => {
    const found = hitRate(status, kind)
    return html`<div>
      <dt>Hit rate, ${what}</dt>
      <dd>${found === null ? "–" : percent(found.share)}<span>${found === null ? "not asked" : `of ${found.asked} in 7 days`}</span></dd>
    </div>`
  }
  return html`<dl class="facts">
    <div>
      <dt>Size</dt>
      <dd>${formatSize(status.fileBytes)}<span>${totalBytes === null ? "no budget" : `of ${formatSize(totalBytes)}`}</span></dd>
    </div>
    <div>
      <dt>Free on its disk</dt>
      <dd>${status.freeBytes === null ? "–" : formatSize(status.freeBytes)}<span>${status.files} files</span></dd>
    </div>
    <div>
      <dt>Buried</dt>
      <dd>${formatSize(status.buriedBytes)}<span>${status.buriedPaths} of ${status.paths} paths</span></dd>
    </div>
    ${rate("narinfo", "paths")} ${rate("nar", "archives")} ${rate("blob", "layers")}
  </dl>`
}

const uses = (organizations: readonly ArtifactUse[]) => html`<div class="table">
  <table aria-label="Organizations">
    <thead>
      <tr>
        <th>Organization</th>
        <th class="end">Images</th>
        <th class="end">Only it needs</th>
        <th class="end">Shared with others</th>
      </tr>
    </thead>
    <tbody>
      ${organizations.map(
        (use) => html`<tr>
          <td class="lead">${use.organization}</td>
          <td data-label="Images" class="end number">${use.images}</td>
          <td data-label="Only it needs" class="end number nowrap">${formatSize(use.uniqueBytes)}</td>
          <td data-label="Shared with others" class="end number nowrap">${formatSize(use.sharedBytes)}</td>
        </tr>`,
      )}
    </tbody>
  </table>
</div>`

const runs = (all: readonly ArtifactRun[]) => html`<div class="table">
  <table aria-label="Runs">
    <thead>
      <tr>
        <th>What</th>
        <th>State</th>
        <th>Did</th>
        <th>By</th>
        <th>Started</th>
      </tr>
    </thead>
    <tbody>
      ${all.map(
        (run) => html`<tr>
          <td class="lead">${run.kind}</td>
          <td data-label="State"><sky-state bare .look=${runLook[run.state]}></sky-state></td>
          <td data-label="Did" class="number">${workOf(run)}${run.message === "" ? nothing : html`<br /><span class="muted">${run.message}</span>`}</td>
          <td data-label="By">${run.startedBy}</td>
          <td data-label="Started" class="nowrap"><sky-time .at=${run.startedAt}></sky-time></td>
        </tr>`,
      )}
    </tbody>
  </table>
</div>`

const damage = (damaged: readonly ArtifactDamage[], repair: () => void) =>
  damaged.length === 0
    ? nothing
    : html`<section class="card" aria-labelledby="damage">
        <div class="row wrap spread">
          <h2 id="damage" class="gone">${damaged.length === 1 ? "One file is damaged" : `${damaged.length} files are damaged`}</h2>
          <button class="danger" @click=${repair}>Repair…</button>
        </div>
        <ul class="stack">
          ${damaged.map(
            ({ kind, storePaths, releases }) => html`<li>
              <span class="path">${storePaths.join(", ")}</span> is ${kind}${releases.length === 0 ? ", no release needs it" : `; needed by ${releases.map(nameOfRelease).join(", ")}`}.
            </li>`,
          )}
        </ul>
      </section>`
